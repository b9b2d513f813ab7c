"""Sample pictures of a training without labels: drawn ones, and what the refiner makes of them at each checkpoint.

A row of pictures is one stored file, see `training.services.packs`; the run's row keeps where each of them lies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from labeling.imaging.rendering import picture_to_png
from training.models import LabelFree
from training.services.packs import Place, write_pack

MOST_IN_A_ROW = 12
MOST_CHECKPOINTS = 12
"""Of a refiner; of more, every second one is let go."""


@dataclass(frozen=True)
class PictureRow:
    """Sample pictures of one kind: "drawn", "as drawn", "refined" or "real"; `step` is the refiner's.

    `texts` are those that were drawn, where they are known; `losses` are the refiner's at that step.
    """

    kind: str
    step: int
    file: str
    sizes: tuple[int, ...]
    texts: tuple[str, ...] = ()
    losses: dict[str, float] | None = None

    def place(self, index: int) -> Place:
        """Return where a picture lies. Raises IndexError where there is none."""
        return Place(self.file, sum(self.sizes[:index]), self.sizes[index])

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "step": self.step,
            "file": self.file,
            "sizes": list(self.sizes),
            "texts": list(self.texts),
            "losses": self.losses,
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "PictureRow":
        return cls(**values | {"sizes": tuple(values["sizes"]), "texts": tuple(values["texts"])})


def picture_rows(label_free: LabelFree) -> list[PictureRow]:
    """Return the rows of pictures that a run shows, in the order in which they were made."""
    return [PictureRow.from_json(each) for each in label_free.pictures]


def store_row(
    label_free: LabelFree,
    kind: str,
    pictures: Sequence[NDArray[np.uint8]],
    *,
    step: int = 0,
    texts: Sequence[str] = (),
    losses: dict[str, float] | None = None,
) -> PictureRow:
    """Store some pictures uint8 (h, w, c)."""
    shown = pictures[:MOST_IN_A_ROW]
    data = [picture_to_png(picture.astype(np.float32) / np.float32(255)) for picture in shown]
    name = f"{label_free.folder}/{kind.replace(' ', '-')}-{step}-{uuid4().hex[:8]}"
    places = write_pack(name, data)
    stored = places[0].file if places else ""
    sizes = tuple(place.size for place in places)
    return PictureRow(kind, step, stored, sizes, tuple(texts[: len(shown)]), losses)


def thinned(rows: Sequence[PictureRow]) -> list[PictureRow]:
    """Leave out every second checkpoint where there are too many; the first and the newest stay."""
    steps = sorted({row.step for row in rows if row.kind == "refined"})
    if len(steps) <= MOST_CHECKPOINTS:
        return list(rows)
    kept = {*steps[::2], steps[-1]}
    return [row for row in rows if row.kind == "drawn" or row.step in kept]
