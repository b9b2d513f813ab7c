"""The starter model: one general reader of digits and letters, trained on drawn pictures only, which other trainings
begin with and which reads what nobody has trained for yet (`reader.py`)."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras

    from training.recognition.architectures.hyperparameters import Hyperparameters
    from training.recognition.task import ReadingTask

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

CLASSIFIER = "classifier"
"""Name of the layer that gives each symbol its logit, in the starter and in what begins with it."""

FOLDER = Path(__file__).parent
WEIGHTS_FILE = "weights.npz"
RECORD_FILE = "record.json"
LICENCES_FILE = "fonts.json"

Weights = dict[str, tuple[NDArray[np.float32], ...]]
"""The weights of each named layer."""


def save_weights(network: keras.Model, path: Path) -> None:
    """Writes the weights of a network's layers under their names, as 16 bit floats: half the size, and far finer than
    what a training changes."""
    arrays = {
        f"{layer.name}/{index}": weight.astype(np.float16)
        for layer in network.layers
        for index, weight in enumerate(layer.get_weights())
    }
    np.savez_compressed(path, allow_pickle=False, **arrays)


@lru_cache(maxsize=1)
def starter_weights(path: Path = FOLDER / WEIGHTS_FILE) -> Weights:
    """What `save_weights` wrote, as float32."""
    found: dict[str, dict[int, NDArray[np.float32]]] = {}
    with np.load(path, allow_pickle=False) as file:
        for key in file.files:
            layer, _, index = key.rpartition("/")
            found.setdefault(layer, {})[int(index)] = file[key].astype(np.float32)
    return {layer: tuple(weights[index] for index in sorted(weights)) for layer, weights in found.items()}


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """Which starter this is: the first 16 digits of its file's SHA-256."""
    return hashlib.sha256((FOLDER / WEIGHTS_FILE).read_bytes()).hexdigest()[:16]


def begun_with(hyperparameters: Hyperparameters) -> str:
    """The fingerprint of the starter that a training with these begins with; empty where it begins with none."""
    return fingerprint() if getattr(hyperparameters, "starter", 0) else ""


def warm_start(network: keras.Model, task: ReadingTask, weights: Weights | None = None) -> None:
    """Gives a network of `columns_of` and a classifier the starter's weights, in place.

    A task in grey takes the sum over the colours of what the starter makes of them, which is the same for a grey
    picture. The classifier takes over the forms of the characters of the task's alphabet, and for what comes last
    where there is more (`ctc`'s blank, a position's end) the starter's blank; what the starter does not know stays
    as it was drawn. Where pictures are higher or lower, the layer that looks at whole columns is stretched with them.
    """
    weights = starter_weights() if weights is None else weights
    for layer in network.layers:
        if layer.name == CLASSIFIER:
            layer.set_weights(_classifier(layer.get_weights(), weights[CLASSIFIER], task))
        elif layer.name in weights:
            fitted = [
                _fitted(own, starters)
                for own, starters in zip(layer.get_weights(), weights[layer.name], strict=True)
            ]
            layer.set_weights(fitted)


def _fitted(own: NDArray[np.float32], starters: NDArray[np.float32]) -> NDArray[np.float32]:
    if own.ndim == 4 and own.shape[2] == 1 and starters.shape[2] == 3:
        starters = starters.sum(axis=2, keepdims=True)
    if own.ndim == 4 and own.shape[1:] == starters.shape[1:]:
        starters = _of_height(starters, len(own))
    return starters if own.shape == starters.shape else own


def _of_height(kernel: NDArray[np.float32], rows: int) -> NDArray[np.float32]:
    """A kernel (height, ...) stretched to so many rows, that answers a stretched picture as it answered the picture."""
    before = (np.arange(len(kernel)) + 0.5) / len(kernel)
    after = (np.arange(rows) + 0.5) / rows
    flat = kernel.reshape(len(kernel), -1)
    stretched = np.stack([np.interp(after, before, column) for column in flat.T], axis=1)
    return (stretched * len(kernel) / rows).astype(np.float32).reshape(rows, *kernel.shape[1:])


def _classifier(
    own: list[NDArray[np.float32]], starters: tuple[NDArray[np.float32], ...], task: ReadingTask
) -> list[NDArray[np.float32]]:
    """Kernel (features, forms) and bias (forms,) for the written forms of the task's symbols."""
    kernel, bias = (each.copy() for each in own)
    forms = forms_of_task(task)
    for index, (_, form) in enumerate(forms):
        if form in ALPHABET:
            known = ALPHABET.index(form)
            kernel[:, index], bias[index] = starters[0][:, known], starters[1][known]
    if len(bias) > len(forms):
        kernel[:, -1], bias[-1] = starters[0][:, -1], starters[1][-1]
    return [kernel, bias]


def written_forms(character: str, *, case_sensitive: bool) -> list[str]:
    """How a character may be written: as it is, or in either case where that does not matter, the capital first."""
    if case_sensitive:
        return [character]
    return [each for each in dict.fromkeys((character.upper(), character.lower())) if len(each) == 1]


def forms_of_task(task: ReadingTask) -> list[tuple[int, str]]:
    """All written forms of the characters of a task's alphabet in its order, each with its character's class index."""
    return [
        (index, form)
        for index, character in enumerate(task.alphabet.characters)
        for form in written_forms(character, case_sensitive=task.case_sensitive)
    ]


def forms_of(character: str, *, case_sensitive: bool) -> list[int]:
    """Where in ALPHABET the starter knows a character, in either case where that does not matter."""
    forms = written_forms(character, case_sensitive=case_sensitive)
    return [ALPHABET.index(form) for form in forms if form in ALPHABET]


def unreadable_words(alphabet: str, *, case_sensitive: bool) -> str:
    """Why the starter cannot read texts of an alphabet, in a sentence; empty where it can."""
    if any(forms_of(character, case_sensitive=case_sensitive) for character in alphabet):
        return ""
    return "The starter knows the digits 0 to 9 and the letters A to Z, and the alphabet has none of them."


def unknown_characters(alphabet: str, *, case_sensitive: bool) -> str:
    """The characters of an alphabet that the starter never reads."""
    return "".join(each for each in alphabet if not forms_of(each, case_sensitive=case_sensitive))


@lru_cache(maxsize=1)
def starter_temperature() -> float:
    """What its logits are divided by, so that its confidences in pictures drawn in fonts new to it are right."""
    return float(str(read_record()["temperature"]))


def read_record(folder: Path = FOLDER) -> dict[str, object]:
    """How the starter was made and how well it reads."""
    record: dict[str, object] = json.loads((folder / RECORD_FILE).read_text())
    return record
