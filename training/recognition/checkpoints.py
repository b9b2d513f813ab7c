"""Weights, optimizer state and progress of a training in one plain NumPy file: no pickle, no code inside."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras

STATE = "state"


class UnusableCheckpoint(ValueError):
    """A checkpoint is damaged or belongs to another training; the message is a sentence for people."""


def model_variables(model: keras.Model) -> list[Any]:
    """All that the network remembers: weights, running means and its random generators, but no metrics."""
    metrics = {id(variable) for variable in model.metrics_variables}
    return [variable for variable in model.variables if id(variable) not in metrics]


def values_of(variables: Sequence[Any]) -> list[NDArray[Any]]:
    """Copies of the variables' values."""
    from keras import ops

    return [np.array(ops.convert_to_numpy(variable)) for variable in variables]


def assign(variables: Sequence[Any], values: Sequence[NDArray[Any]]) -> None:
    """Sets the variables. Raises UnusableCheckpoint when the values have other shapes."""
    if [tuple(each.shape) for each in variables] != [each.shape for each in values]:
        raise UnusableCheckpoint(
            "The checkpoint's weights do not fit this network: train into an empty folder."
        )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def write_checkpoint(path: Path, groups: Mapping[str, Sequence[NDArray[Any]]], state: dict[str, Any]) -> None:
    """Writes named groups of arrays and a JSON state, all or nothing: a crash leaves the former file."""
    arrays: dict[str, Any] = {
        f"{group}/{index}": value for group, values in groups.items() for index, value in enumerate(values)
    }
    arrays[STATE] = np.frombuffer(json.dumps(state).encode(), dtype=np.uint8)
    unfinished = path.with_suffix(".part")
    try:
        with unfinished.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        # On a full disk half a file would only be in the way.
        unfinished.unlink(missing_ok=True)
        raise
    unfinished.replace(path)


def read_state(path: Path) -> dict[str, Any]:
    """The state that `write_checkpoint` wrote, without the arrays; empty where there is none that can be read."""
    try:
        with np.load(path, allow_pickle=False) as file:
            state: dict[str, Any] = json.loads(file[STATE].tobytes())
            return state
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}


def epochs_done(path: Path) -> int:
    """After how many epochs a training's last checkpoint was written; 0 where there is none that can be read."""
    return int(read_state(path).get("epoch", 0))


def read_checkpoint(path: Path) -> tuple[dict[str, list[NDArray[Any]]], dict[str, Any]]:
    """What `write_checkpoint` wrote. Raises UnusableCheckpoint for a damaged file."""
    try:
        with np.load(path, allow_pickle=False) as file:
            state = json.loads(file[STATE].tobytes())
            groups: dict[str, dict[int, NDArray[Any]]] = {}
            for name in file.files:
                if name != STATE:
                    group, _, index = name.partition("/")
                    groups.setdefault(group, {})[int(index)] = file[name]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise UnusableCheckpoint(
            f"The checkpoint {path.name} cannot be read: train into an empty folder."
        ) from error
    return {group: [values[index] for index in sorted(values)] for group, values in groups.items()}, state
