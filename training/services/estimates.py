"""How long a training would take on the workers at hand, from what was measured. Nothing here loads a backend."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from labeling.models import Project
from training.models import Run
from training.recognition.architectures import ARCHITECTURES, Architecture, get_architecture
from training.recognition.architectures.hyperparameters import NetworkHyperparameters
from training.recognition.operations import SHARE_OF_PEAK, TRAINING, operations
from training.recognition.task import ReadingTask
from training.services.datasets import split_outlook
from training.services.reading_task import reading_task
from training.services.refusals import refusing

LOOKED_AT = 100
MATRIX = 1024


@dataclass(frozen=True)
class Speed:
    """Texts per second of one worker, and where that was measured: in words, with the run where it is the project's."""

    images_per_second: float
    source: str
    run: Run | None = None


@dataclass(frozen=True)
class Estimate:
    """How long one worker trains. `epochs` is how far it gets at most; `is_cut` where the given minutes end it."""

    seconds: float
    epochs: int
    is_cut: bool
    speed: Speed


@refusing()
def estimate(
    *,
    project: Project,
    task: ReadingTask,
    architecture: str,
    hyperparameters: Mapping[str, Any],
    max_epochs: int | None,
    max_minutes: float | None,
) -> Estimate | None:
    """Estimate the training of a run started now; None for what has no epochs, which takes seconds.

    It may end sooner, when nothing improves any more. Decoding, export and evaluation come on top.

    Raises:
        Refused: the architecture cannot read the project's texts, or a hyper-parameter is out of range.
    """
    chosen = get_architecture(architecture)
    chosen.check(task)
    parsed = chosen.parse(hyperparameters)
    images = split_outlook(project).train
    if not isinstance(parsed, NetworkHyperparameters) or images < 1:
        return None
    speed = measured_speed(project, task, chosen, hyperparameters)
    inputs = images * _parts(chosen, task)
    passes = max(1, math.ceil(parsed.epoch_images / inputs))
    epochs = max_epochs or chosen.epochs(images, parsed)
    networks = task.positions if chosen.follows_positions else 1
    epoch_seconds = networks * passes * images / speed.images_per_second
    seconds, limit = epochs * epoch_seconds, math.inf if max_minutes is None else 60 * max_minutes
    if seconds <= limit:
        return Estimate(seconds, epochs, False, speed)
    return Estimate(limit, max(1, int(limit / epoch_seconds)), True, speed)


def measured_speed(
    project: Project, task: ReadingTask, architecture: Architecture, hyperparameters: Mapping[str, Any]
) -> Speed:
    """Return how fast the newest comparable run was: of this project, of another, or of another architecture.

    What a text costs there and here is in proportion to its operations. Where nothing was ever trained, this machine's
    matrix products are measured, of which training reaches a share.
    """
    cost = _cost(architecture, task, hyperparameters)
    rows = Run.objects.filter(images_per_second__gt=0).select_related("project", "preparation")
    newest = [row for row in rows.order_by("-pk")[:LOOKED_AT] if row.architecture in ARCHITECTURES]
    newest.sort(key=lambda row: (row.architecture != architecture.name, row.project_id != project.pk))
    for row in newest:
        theirs = ARCHITECTURES[row.architecture]
        ratio = _cost(theirs, reading_task(row.project, row.preparation), row.hyperparameters) / cost
        host = row.machines[-1]["host"] if row.machines else "a worker"
        found = Speed(float(row.images_per_second or 0) * ratio, f"in an earlier run on {host}")
        return replace(found, run=row) if row.project_id == project.pk else found
    return Speed(
        SHARE_OF_PEAK * _matrix_operations_per_second() / (TRAINING * cost),
        "from this machine's speed, as nothing was trained yet",
    )


def _cost(architecture: Architecture, task: ReadingTask, hyperparameters: Mapping[str, Any]) -> float:
    """Operations that one text takes to be read."""
    return operations(architecture, task, hyperparameters) * _parts(architecture, task)


def _parts(architecture: Architecture, task: ReadingTask) -> int:
    return task.max_length if architecture.needs_slices else 1


@cache
def _matrix_operations_per_second() -> float:
    """Multiplications and additions per second in large float32 matrix products: the best of three."""
    matrix = np.ones((MATRIX, MATRIX), np.float32)
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        matrix @ matrix
        seconds.append(time.perf_counter() - started)
    return float(2 * MATRIX**3 / min(seconds))
