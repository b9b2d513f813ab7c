"""Whether a picture is of the family that a model was trained on: by how far it looks from the nearest of them."""

import base64
import json
from dataclasses import dataclass
from functools import cached_property
from math import ceil, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

Looks = NDArray[np.float32]
"""What pictures look like, (n, features); see `training.recognition.onnx_look`."""

OWN_FLAGGED = 0.01
"""At most this share of a family's own images may be taken for strangers."""

CONFIDENCE = 0.95
"""How sure that is, over all draws of the images that it was learnt from."""

REFERENCES = 256
"""How many training images are remembered."""

ENOUGH = 2000
"""So many images tell what is usual: what only one in a thousand resembles is hardly of the family."""

FEWEST = 30
"""With fewer images than this, nobody can say what is usual: then there is no test."""

SHRINKAGE = 0.8
"""How far correlations between features are taken for chance, 0..1."""

LEAST_SPREAD = 0.02
"""No feature is taken to vary less: else the last digit of one that never varies would make a stranger."""


@dataclass(frozen=True)
class Family:
    """What pictures of a family look like.

    `centre` (features,) and `scale` (features, features) make features comparable; `references` (m, features) are
    scaled looks of training images; a distance of `limit` from the nearest of them is a strangeness of 1. It was chosen
    on `n` images.
    """

    centre: NDArray[np.float32]
    scale: NDArray[np.float32]
    references: NDArray[np.float32]
    limit: float
    n: int

    def strangeness(self, looks: Looks) -> NDArray[np.float32]:
        """How unlike the family's pictures are, (n,): 0 is usual, above 1 is a stranger.

        The distance to the nearest of the references (Y. Sun et al., "Out-of-Distribution Detection with Deep Nearest
        Neighbors", ICML 2022), in units of the limit.
        """
        scaled = (looks - self.centre) @ self.scale
        # |a|² - 2ab is enough to find the nearest b of known |b|².
        nearest = (self._lengths - 2 * (scaled @ self.references.T)).min(axis=1)
        squares = np.maximum(nearest + np.square(scaled).sum(axis=1), 0)
        strangeness: NDArray[np.float32] = np.sqrt(squares) / np.float32(self.limit)
        return strangeness

    @cached_property
    def _lengths(self) -> NDArray[np.float32]:
        """The references' squared lengths, (m,)."""
        lengths: NDArray[np.float32] = np.square(self.references).sum(axis=1)
        return lengths

    def to_text(self) -> str:
        """For a model's metadata; `from_text` reads it back."""
        arrays = {name: _to_json(getattr(self, name)) for name in ("centre", "scale", "references")}
        return json.dumps(arrays | {"limit": self.limit, "n": self.n})

    @classmethod
    def from_text(cls, text: str) -> "Family":
        """The family that `to_text` wrote. Raises ValueError or KeyError for anything else."""
        data = json.loads(text)
        arrays = {name: _from_json(data[name]) for name in ("centre", "scale", "references")}
        return cls(**arrays, limit=float(data["limit"]), n=int(data["n"]))


def learn_family(looks: Looks, shrinkage: float = SHRINKAGE) -> Family | None:
    """The family of images with these looks, in an order that means nothing; None for fewer than FEWEST.

    Features are scaled by their spread and freed of some of their correlation (as the Mahalanobis distance of K. Lee
    et al., NeurIPS 2018, does wholly), and up to REFERENCES images are remembered. Every image is then compared with
    the nearest of the others, and the limit is one of these distances: the least that, with CONFIDENCE, at most
    OWN_FLAGGED of all images like these exceed (a tolerance limit, S. S. Wilks, "Determination of sample sizes for
    setting tolerance limits", 1941; conformal prediction conditional on its training images, V. Vovk, 2012). Fewer than
    299 images cannot promise that: then it is their largest distance, which one in n + 1 new images exceeds on average.
    """
    n = len(looks)
    if n < FEWEST:
        return None
    centre = looks.mean(axis=0)
    spread = np.maximum(looks.std(axis=0), LEAST_SPREAD)
    even = (looks - centre) / spread
    correlation = (1 - shrinkage) * (even.T @ even) / n + shrinkage * np.eye(looks.shape[1])
    # Divided by the root of their number, so that a distance is one per feature.
    whitening = np.linalg.inv(np.linalg.cholesky(correlation)).T / np.sqrt(looks.shape[1])
    # Both are kept with half the digits: the limit is chosen with what is kept.
    scale = (whitening / spread[:, None]).astype(np.float16).astype(np.float32)
    centre = centre.astype(np.float32)
    scaled = (looks - centre) @ scale
    chosen = np.linspace(0, n - 1, min(n, REFERENCES)).astype(int)
    references = scaled[chosen].astype(np.float16).astype(np.float32)
    lengths = np.square(scaled).sum(axis=1)[:, None] + np.square(references).sum(axis=1)
    squares = np.maximum(lengths - 2 * (scaled @ references.T), 0)
    squares[chosen, np.arange(len(chosen))] = np.inf
    distances = np.sort(np.sqrt(squares.min(axis=1)))
    limit = float(distances[n - 1 - allowed_beyond(n)])
    return Family(centre, scale, references, max(limit, LEAST_SPREAD), n)


def allowed_beyond(n: int) -> int:
    """How many of n images may lie beyond a limit that OWN_FLAGGED of all images exceed at most, with CONFIDENCE: the
    most k for which so few of n would be unlikely if more did."""
    likelihood, total, k = (1 - OWN_FLAGGED) ** n, 0.0, 0
    while (total := total + likelihood) <= 1 - CONFIDENCE:
        likelihood *= (n - k) / (k + 1) * OWN_FLAGGED / (1 - OWN_FLAGGED)
        k += 1
    return max(k - 1, 0)


def fewest_to_promise() -> int:
    """How many images it takes until their largest distance promises OWN_FLAGGED with CONFIDENCE."""
    return ceil(log(1 - CONFIDENCE) / log(1 - OWN_FLAGGED))


def _to_json(values: NDArray[np.float32]) -> dict[str, Any]:
    small = values.astype("<f2" if values.ndim == 2 else "<f4")
    return {
        "type": small.dtype.str,
        "shape": values.shape,
        "base64": base64.b64encode(small.tobytes()).decode(),
    }


def _from_json(data: dict[str, Any]) -> NDArray[np.float32]:
    if data["type"] not in ("<f2", "<f4"):
        raise ValueError(f"{data['type']!r} is no type of numbers that a family is kept in.")
    values = np.frombuffer(base64.b64decode(data["base64"]), data["type"]).astype(np.float32)
    return values.reshape(data["shape"])
