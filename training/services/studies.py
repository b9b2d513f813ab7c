"""Studies of a project's labels: how right readers trained on them are, which labels look wrong, what more would bring.

They train in this process and leave no run and no model behind, only what they found: numbers, and doubts for review.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from labeling.errors import Refused
from labeling.models import Project
from labeling.services.audit import Action, record
from labeling.services.preparations import current_preparation
from labeling.services.suggestions import ImageReading, write_doubts
from training.leftovers import studies_folder
from training.models import DatasetItem, DatasetVersion, Split
from training.recognition.architectures import Architecture, get_architecture
from training.recognition.data import Samples, build_samples, open_samples
from training.recognition.fit import FitListener
from training.recognition.folds import CrossValidation, cross_validate
from training.recognition.groups import group_keys
from training.recognition.label_errors import suspected_label_errors
from training.recognition.learning_curve import CurvePoint, learning_curve
from training.recognition.task import ReadingTask
from training.services.datasets import Labelled, check_labels, decoded_items, freeze_dataset
from training.services.reading_task import reading_task
from training.services.refusals import refusing
from training.services.runs import check_budget
from training.services.usual_architecture import usual_architecture

# Their images are locked together, which nobody who labels meanwhile should notice.
DOUBTS_AT_ONCE = 500


@dataclass(frozen=True)
class Wish:
    """How the readers of a study are trained; minutes are for each. None takes the task's default architecture."""

    architecture: str | None
    hyperparameters: Mapping[str, Any]
    seed: int = 0
    max_minutes: float | None = None


@dataclass(frozen=True)
class SuspectImage:
    """An image whose label is probably wrong, what it is labelled, what is read, and how surely."""

    image: int
    name: str
    label: str
    reading: str
    confidence: float


@dataclass(frozen=True)
class ProjectCrossValidation:
    """What a cross-validation found on a dataset version."""

    dataset: DatasetVersion
    architecture: str
    result: CrossValidation
    suspects: tuple[SuspectImage, ...]


def cross_validate_project(
    *,
    project: Project,
    user: Any,
    wish: Wish,
    folds: int,
    suspects_from: float | None = None,
    listeners: Callable[[int], FitListener],
) -> ProjectCrossValidation:
    """Cross-validate on all labelled images; see `training.recognition.folds.cross_validate`. What the readers doubt
    goes into review.

    Args:
        suspects_from: confidence from which on a reading accuses a label, see `suspected_label_errors`.

    Raises:
        Refused: it cannot work, in words that say what to change.
    """
    if folds < 2:
        raise Refused("A cross-validation needs at least 2 folds.")
    with open_study(project, wish, {"folds": folds}) as study:
        images = study.images(study.dataset.items.all())
        result = cross_validate(
            task=study.task,
            samples=study.samples(images, "all"),
            keys=study.keys(images),
            folder=study.folder,
            folds=folds,
            listeners=listeners,
            **study.how_to_train(),
        )
    rows = list(images)
    suspects = [
        SuspectImage(
            image=rows[each.index].image_id,
            name=rows[each.index].image.name,
            label=each.label,
            reading=each.reading,
            confidence=each.confidence,
        )
        for each in suspected_label_errors(result.texts, result.readings, suspects_from)
    ]
    _put_into_review(project, [row.image_id for row in rows], suspects)
    detail = {"folds": folds, "suspected": len(suspects)}
    record(
        project=project, user=user, action=Action.LABELS_VALIDATED, target=str(study.dataset), detail=detail
    )
    return ProjectCrossValidation(study.dataset, study.architecture.name, result, tuple(suspects))


def _put_into_review(project: Project, images: Sequence[int], suspects: Sequence[SuspectImage]) -> None:
    doubts = {each.image: ImageReading(each.image, each.reading, each.confidence, ()) for each in suspects}
    for start in range(0, len(images), DOUBTS_AT_ONCE):
        looked_at = images[start : start + DOUBTS_AT_ONCE]
        rows = [doubts[image] for image in looked_at if image in doubts]
        write_doubts(project=project, model_number=None, looked_at=looked_at, rows=rows)


@dataclass(frozen=True)
class ProjectLearningCurve:
    """What ever more labels of a dataset version come to."""

    dataset: DatasetVersion
    architecture: str
    points: tuple[CurvePoint, ...]


def project_learning_curve(
    *,
    project: Project,
    wish: Wish,
    points: int,
    listeners: Callable[[int], FitListener],
    on_point: Callable[[CurvePoint], None] = lambda point: None,
) -> ProjectLearningCurve:
    """Measure readers with ever more of the project's labels on its test images; see
    `training.recognition.learning_curve.learning_curve`. Interrupted, the same call goes on where it was.

    Raises:
        Refused: it cannot work, in words that say what to change.
    """
    if points < 1:
        raise Refused("A learning curve needs at least 1 point.")
    with open_study(project, wish, {"points": points}) as study:
        train = study.images(study.dataset.items.exclude(split=Split.TEST))
        test = study.images(study.dataset.items.filter(split=Split.TEST))
        curve = learning_curve(
            task=study.task,
            samples=study.samples(train, "train"),
            keys=study.keys(train),
            test=study.samples(test, "test"),
            folder=study.folder,
            points=points,
            listeners=listeners,
            on_point=on_point,
            **study.how_to_train(),
        )
    return ProjectLearningCurve(study.dataset, study.architecture.name, curve)


@dataclass(frozen=True)
class Study:
    """What readers of a study are trained on and how, and the folder that holds all of it until it is done."""

    dataset: DatasetVersion
    task: ReadingTask
    architecture: Architecture
    wish: Wish
    folder: Path

    def how_to_train(self) -> dict[str, Any]:
        return asdict(self.wish) | {"architecture": self.architecture.name}

    def images(self, items: QuerySet[DatasetItem]) -> QuerySet[DatasetItem]:
        """In the order in which `samples` decodes them."""
        return items.select_related("image").order_by("id")

    def samples(self, images: QuerySet[DatasetItem], name: str) -> Samples:
        folder = self.folder / f"samples-{name}"
        try:
            return open_samples(folder)
        except FileNotFoundError:
            return build_samples(
                decoded_items(images), self.task, self.architecture, self.wish.hyperparameters, folder
            )

    def keys(self, images: QuerySet[DatasetItem]) -> list[str]:
        # PostgreSQL gives memoryviews.
        return group_keys(
            [
                Labelled(each.image_id, each.image.sha256, each.text, bytes(each.image.fingerprint))
                for each in images
            ]
        )


@contextmanager
def open_study(project: Project, wish: Wish, more: Mapping[str, Any]) -> Iterator[Study]:
    """Check a wish, freeze the dataset, and lend a folder that the same wish finds again until it is fulfilled."""
    preparation = current_preparation(project)
    check_budget(seed=wish.seed, max_epochs=None, max_minutes=wish.max_minutes)
    with refusing():
        task = reading_task(project, preparation)
        usual = usual_architecture(project, task)
        architecture = get_architecture(wish.architecture) if wish.architecture else usual
        architecture.check(task)
        architecture.parse(wish.hyperparameters)
        check_labels(project=project, task=task)
        dataset = freeze_dataset(project=project)
        described = {"task": task.to_json(), "dataset": dataset.hash, **asdict(wish)}
        described |= {"architecture": architecture.name, **more}
        digest = hashlib.sha256(json.dumps(described, sort_keys=True, default=str).encode()).hexdigest()
        folder = studies_folder(project.pk) / digest[:16]
        yield Study(dataset, task, architecture, wish, folder)
    shutil.rmtree(folder, ignore_errors=True)
