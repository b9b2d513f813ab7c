"""What a round learns from: pseudo-labels beside labels and drawn pictures, all under strong augmentation."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from training.recognition.architectures.hyperparameters import Hyperparameters, NetworkHyperparameters
from training.recognition.data import Samples

LABELLED_SHARE = 0.25
"""Of all that a round sees, at least so much has labels by people, where there are any."""

RATE = 0.5
"""Of the learning rate of a first training, as a round goes on with weights that are good already."""

SLOWEST = 1e-6
"""The least learning rate that there is."""

STRONG = {
    "rotation": 8.0,
    "warp": 0.06,
    "brightness": 0.25,
    "noise": 0.06,
    "blur": 0.02,
    "stroke": 0.3,
    "erase": 0.1,
}
"""Augmentation of at least these strengths; see `NetworkHyperparameters`."""


def mixture(
    labelled: Samples | None, synthetic: Samples | None, pseudo: Samples, random: np.random.Generator
) -> Samples:
    """All pseudo-labelled samples, as many drawn ones at most, and the labelled ones as often as their share asks."""
    parts = [pseudo]
    if synthetic is not None and len(synthetic):
        chosen = random.permutation(len(synthetic))[: max(len(pseudo), 1)]
        parts.append(synthetic.take(np.sort(chosen).tolist()))
    if labelled is not None and len(labelled):
        others = sum(map(len, parts))
        wanted = LABELLED_SHARE / (1 - LABELLED_SHARE) * others
        parts += [labelled] * max(1, math.ceil(wanted / len(labelled)))
    return joined(parts)


def joined(parts: list[Samples]) -> Samples:
    """Samples of the same shape one behind the other."""
    texts = tuple(text for part in parts for text in part.texts)
    return Samples(np.concatenate([part.pictures for part in parts]), texts)


def strong(hyperparameters: Hyperparameters) -> dict[str, Any]:
    """A first training's hyper-parameters as a round has them; those of what is no network are left as they are."""
    values = dataclasses.asdict(hyperparameters)
    if isinstance(hyperparameters, NetworkHyperparameters):
        values |= {name: max(values[name], least) for name, least in STRONG.items()}
        values["learning_rate"] = max(RATE * values["learning_rate"], SLOWEST)
    return values
