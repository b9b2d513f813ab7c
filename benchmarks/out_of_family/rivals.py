"""Other tests of strangers beside the shipped one, on the same pictures: what they flag when they are to flag as few of
the family's own."""

import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.cells import Cell
from benchmarks.accuracy.fitting import Training
from benchmarks.accuracy.images import Labelled
from benchmarks.accuracy.splits import hold_out, training_and_validation
from benchmarks.out_of_family import families, strangers
from labeling.imaging.arrays import Pixels
from training.recognition.architectures.slots import Slots
from training.recognition.backend import load_keras
from training.recognition.data import Samples
from training.recognition.export import export_reader
from training.recognition.family import ENOUGH, OWN_FLAGGED, Looks, allowed_beyond, learn_family
from training.recognition.reader import Reader
from training.recognition.starter import CLASSIFIER
from training.recognition.trained import BATCH, TrainedNetwork

Scores = NDArray[np.floating[Any]]
"""How strange pictures are, (n,): the larger, the stranger."""

SHRINKAGES = {"nearest, correlated": 1.0, "nearest, uncorrelated": 0.01}
"""The shipped test with all of the correlation between features taken for chance, or a hundredth: features that never
vary leave no inverse without it."""

METHODS = (
    "shipped", *SHRINKAGES, "Mahalanobis of looks", "energy", "Mahalanobis of the network's features",
)  # fmt: skip


class RivalCell(families.FamilyCell):
    """One family: what each method flags of its own test images and of strangers."""

    @property
    def path(self) -> str:
        return f"out_of_family/rivals/{self.name}"


def cells() -> Iterator[Cell]:
    """Of the families that `slots` reads: its features stand for one character each."""
    for name, training, own in families.families():
        if training.architecture != Slots.name:
            continue
        yield RivalCell(
            row=f"rivals-{name}",
            label=f"`{name}`",
            name=name,
            unit="images flagged",
            target=None,
            settings=training.settings()
            | {
                "part": families.PART,
                "parts": families.PARTS,
                "strangers": strangers.COUNT,
                "methods": METHODS,
            },
            measure=lambda name=name, training=training, own=own: _measure(name, training, own()),
        )


def _measure(name: str, training: Training, own: Sequence[Labelled]) -> dict[str, Any]:
    rest, test = hold_out(own, families.PART, families.PARTS)
    train, validation = training_and_validation(rest)
    with tempfile.TemporaryDirectory() as folder:
        model = training.fit(train, validation, Path(folder)).model
        path = Path(folder) / "model.onnx"
        export_reader(model, path, [image.pixels for image in validation])
        reader = Reader(path)
    assert isinstance(model, TrainedNetwork)
    learnt_from = random.Random(0).sample(rest, min(ENOUGH, len(rest)))
    tests = _tests_of_looks(_looks(reader, [image.pixels for image in learnt_from]))
    network = _Network(training, model, train)
    tests |= network.tests([image.pixels for image in validation])

    def count(pictures: Sequence[Pixels]) -> dict[str, int]:
        looks, outputs = _looks(reader, pictures), network.outputs(network.samples(pictures))
        found = {
            method: int((test.score(outputs if test.is_of_network else looks) > test.limit).sum())
            for method, test in tests.items()
        }
        return {"n": len(pictures)} | {method: found[method] for method in METHODS}

    size: strangers.Size = test[0].pixels.shape[:2]
    found = {}
    for other in strangers.SETS:
        if other != name:
            pictures = strangers.of_set(other)
            found[other] = count(pictures)
            found[f"{other}, resized"] = count(strangers.resized(pictures, size))
    for thing in strangers.THINGS:
        found[thing] = count(strangers.of_things(thing, size))
    return {"own": count([image.pixels for image in test]), "strangers": found}


@dataclass(frozen=True)
class _Test:
    """A score of looks or of what the network says, and the limit above which a picture is a stranger."""

    score: Callable[[Any], Scores]
    limit: float
    is_of_network: bool = False


def _looks(reader: Reader, pictures: Sequence[Pixels]) -> Looks:
    """Of pictures of any sizes, in their order."""
    return np.concatenate([reader.looks([picture]) for picture in pictures])


def _tests_of_looks(looks: Looks) -> dict[str, _Test]:
    """Tests that may be learnt from training images as honestly as from others; each has the shipped one's limit."""
    tests = {}
    for method, shrinkage in ({"shipped": None} | SHRINKAGES).items():
        family = learn_family(looks) if shrinkage is None else learn_family(looks, shrinkage)
        assert family is not None
        tests[method] = _Test(family.strangeness, 1.0)
    score = _mahalanobis(looks, looks.mean(axis=0, keepdims=True), np.zeros(len(looks), int))
    own = np.sort(score(looks))
    tests["Mahalanobis of looks"] = _Test(score, float(own[len(own) - 1 - allowed_beyond(len(own))]))
    return tests


def _mahalanobis(
    points: NDArray[np.floating[Any]], centres: NDArray[np.floating[Any]], nearest: NDArray[np.int64]
) -> Callable[[NDArray[np.floating[Any]]], Scores]:
    """The distance to the nearest of some centres (k, d) in units of the covariance that points (n, d) have around
    theirs, whose indices `nearest` gives; K. Lee et al., "A Simple Unified Framework for Detecting Out-of-Distribution
    Samples and Adversarial Attacks" (NeurIPS 2018)."""
    around = points - centres[nearest]
    spread = np.maximum(around.std(axis=0), 1e-3)
    covariance = np.cov(around / spread, rowvar=False) + 1e-3 * np.eye(points.shape[1])
    whitening = np.linalg.inv(np.linalg.cholesky(covariance)).T / spread[:, None]

    def distances(others: NDArray[np.floating[Any]]) -> Scores:
        white, places = others @ whitening, centres @ whitening
        squares = [np.square(white - place).sum(axis=1) for place in places]
        return np.sqrt(np.min(squares, axis=0))

    return distances


@dataclass(frozen=True)
class _Outputs:
    """What a network makes of pictures: features (n, positions, d) and logits (n, positions, classes)."""

    features: NDArray[np.float32]
    logits: NDArray[np.float32]


class _Network:
    """A trained `slots`, and what it makes of its training images."""

    def __init__(self, training: Training, model: TrainedNetwork, train: Sequence[Labelled]) -> None:
        keras = load_keras()
        self._training = training
        network, task = model.network, training.task
        self._both = keras.Model(network.inputs, [network.get_layer(CLASSIFIER).input, network.outputs[0]])
        outputs = self.outputs(training.samples(train))
        points = outputs.features.reshape(-1, outputs.features.shape[-1])
        classes = task.encode_all([task.normalise(image.text) for image in train]).reshape(-1)
        known = np.unique(classes)
        centres = np.stack([points[classes == each].mean(axis=0) for each in known])
        self._distances = _mahalanobis(points, centres, np.searchsorted(known, classes))

    def samples(self, pictures: Sequence[Pixels]) -> Samples:
        """Pictures as the network sees them; what they are said to read means nothing."""
        task = self._training.task
        text = task.alphabet.characters[0] * task.max_length
        return self._training.samples([Labelled(each, text) for each in pictures])

    def outputs(self, samples: Samples) -> _Outputs:
        inputs = samples.pictures.reshape(-1, *samples.pictures.shape[2:])
        parts = [
            self._both.predict_on_batch(inputs[start : start + BATCH].astype(np.float32) / 255)
            for start in range(0, len(inputs), BATCH)
        ]
        return _Outputs(*(np.concatenate([part[index] for part in parts]) for index in (0, 1)))

    def tests(self, own: Sequence[Pixels]) -> dict[str, _Test]:
        """Each flags as many of images that the network was not trained on as the shipped test aims at."""
        seen = self.outputs(self.samples(own))
        found = {"energy": self.energies, "Mahalanobis of the network's features": self.distances}
        return {
            method: _Test(score, float(np.sort(score(seen))[_place(len(own))]), is_of_network=True)
            for method, score in found.items()
        }

    def energies(self, outputs: _Outputs) -> Scores:
        """The mean over positions of the energy of logits, W. Liu et al., "Energy-based Out-of-distribution Detection"
        (NeurIPS 2020)."""
        most = outputs.logits.max(axis=2)
        mean: Scores = -(most + np.log(np.exp(outputs.logits - most[..., None]).sum(axis=2))).mean(axis=1)
        return mean

    def distances(self, outputs: _Outputs) -> Scores:
        """The mean over positions of the distance to the nearest character's features."""
        n, positions, d = outputs.features.shape
        mean: Scores = self._distances(outputs.features.reshape(-1, d)).reshape(n, positions).mean(axis=1)
        return mean


def _place(n: int) -> int:
    """Which of n scores, the least first, flags OWN_FLAGGED of them at most; the largest where they are few."""
    return min(n - 1, ceil((1 - OWN_FLAGGED) * (n + 1)) - 1)
