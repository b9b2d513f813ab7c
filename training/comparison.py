"""Several runs side by side: the test images that all of them may be judged by, who reads more of these right, and
where they differ. Reads only; the readings are kept by `training.services.model_readings`."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.http import QueryDict

from labeling.intervals import Share
from labeling.models import Project
from training.models import DatasetItem, Model, ModelReadings, Run, Split
from training.recognition.comparison import PairedComparison
from training.services.evaluation import as_compared
from training.services.model_readings import KeptReading, kept_readings
from training.services.reading_task import reading_task

MOST_RUNS = 8


@dataclass(frozen=True)
class LeftOut:
    """Test images of some of the runs that are not shared by all, each counted once, by the first reason that holds."""

    used: int = 0
    """Others of the runs were trained on them, or chose their best epoch by them."""
    missing: int = 0
    """Not in the dataset versions of all runs."""
    unread: int = 0
    """Not read by all models: they were deleted and have come back since."""

    @property
    def total(self) -> int:
        return self.used + self.missing + self.unread


@dataclass(frozen=True)
class SharedImages:
    """The images that are test images in all of the runs' dataset versions, with their texts."""

    texts: dict[int, str]
    """image id -> true text, that of the newest dataset version."""
    left_out: LeftOut

    @property
    def n(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class Outcome:
    """What a run's model read in the shared images."""

    run: Run
    model: Model
    readings: dict[int, KeptReading] = field(repr=False)
    right: dict[int, bool] = field(repr=False)

    @property
    def share(self) -> Share:
        """Images read right, of the shared ones."""
        return Share(sum(self.right.values()), len(self.right))


@dataclass(frozen=True)
class Comparison:
    """Runs on their shared test images. `outcomes` has a run only where its model's readings are kept."""

    runs: list[Run]
    shared: SharedImages
    outcomes: list[Outcome]
    without_model: list[Run]
    unread: list[Model]
    """Models whose readings are not kept yet."""
    reading: list[ModelReadings]
    """How far a worker is with them, or why it could not."""

    @property
    def is_reading(self) -> bool:
        """Whether a worker is to read for this comparison, or is at it."""
        return any(row.is_active for row in self.reading)

    def pair(self, first: Outcome, second: Outcome) -> PairedComparison:
        """The two as McNemar's test takes them."""
        return PairedComparison.of((first.right[pk], second.right[pk]) for pk in self.shared.texts)


def chosen_runs(project: Project, query: QueryDict) -> list[Run]:
    """Return the runs whose numbers are in an address's `run`, oldest first, at most `MOST_RUNS`: one query."""
    numbers = [int(text) for text in query.getlist("run") if text.isdecimal() and len(text) < 10]
    rows = Run.objects.filter(project=project, number__in=numbers).order_by("number")
    return list(rows.select_related("dataset", "preparation", "model", "project")[:MOST_RUNS])


def compare_runs(project: Project, runs: Sequence[Run]) -> Comparison:
    """Compare runs, which come with their datasets, preparations and models."""
    models = [run.model for run in runs if hasattr(run, "model")]
    kept = {model.pk: kept_readings(model) for model in models}
    read = {pk: readings for pk, readings in kept.items() if readings is not None}
    judged = [run for run in runs if hasattr(run, "model") and run.model.pk in read]
    shared = shared_test_images(judged, [read[run.model.pk] for run in judged])
    unread = [model for model in models if model.pk not in read]
    return Comparison(
        runs=list(runs),
        shared=shared,
        outcomes=[_outcome(project, run, read[run.model.pk], shared) for run in judged],
        without_model=[run for run in runs if not hasattr(run, "model")],
        unread=unread,
        reading=list(
            ModelReadings.objects.filter(model__in=unread).defer("rows").select_related("model__run")
        )
        if unread
        else [],
    )


def shared_test_images(runs: Sequence[Run], readings: Sequence[dict[int, KeptReading]]) -> SharedImages:
    """Find the images that are test images for all runs and that all of them have read: one query."""
    datasets = sorted({run.dataset for run in runs}, key=lambda dataset: dataset.number)
    splits: dict[int, dict[int, str]] = {dataset.pk: {} for dataset in datasets}
    texts: dict[int, str] = {}
    tested = DatasetItem.objects.filter(dataset__in=datasets, split=Split.TEST)
    items = DatasetItem.objects.filter(dataset__in=datasets, image__in=tested.values("image"))
    # Of versions that disagree about a text, the newest comes last.
    for dataset, image, split, text in items.order_by("dataset__number").values_list(
        "dataset", "image", "split", "text"
    ):
        splits[dataset][image] = split
        texts[image] = text
    shared, used, missing, unread = {}, 0, 0, 0
    for image, text in texts.items():
        here = [of_dataset.get(image) for of_dataset in splits.values()]
        if any(split not in (None, Split.TEST) for split in here):
            used += 1
        elif None in here:
            missing += 1
        elif not all(image in of_run for of_run in readings):
            unread += 1
        else:
            shared[image] = text
    return SharedImages(dict(sorted(shared.items())), LeftOut(used, missing, unread))


def _outcome(project: Project, run: Run, readings: dict[int, KeptReading], shared: SharedImages) -> Outcome:
    task = reading_task(project, run.preparation)
    right = {
        pk: as_compared(readings[pk].text, task) == as_compared(text, task)
        for pk, text in shared.texts.items()
    }
    return Outcome(run, run.model, {pk: readings[pk] for pk in shared.texts}, right)


@dataclass(frozen=True)
class Disagreement:
    """An image that two models read differently."""

    image_id: int
    text: str
    first: KeptReading
    second: KeptReading
    first_right: bool
    second_right: bool


def disagreements(
    shared: SharedImages, first: Outcome, second: Outcome, *, only: str = ""
) -> list[Disagreement]:
    """Return the shared images that two models read differently, those first that only one of them reads right.

    Args:
        only: "first" or "second" for the images that just this one reads right; else all.
    """
    found = [
        Disagreement(pk, text, first.readings[pk], second.readings[pk], first.right[pk], second.right[pk])
        for pk, text in shared.texts.items()
        if first.readings[pk].text != second.readings[pk].text
        # Where case does not matter, texts that differ in case alone are the same reading.
        and not (first.right[pk] and second.right[pk])
    ]
    if only in ("first", "second"):
        wanted = only == "first"
        found = [one for one in found if one.first_right != one.second_right and one.first_right == wanted]
    return sorted(found, key=lambda one: (one.first_right == one.second_right, one.image_id))
