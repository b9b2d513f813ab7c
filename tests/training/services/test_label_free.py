"""Trainings without labels, from the wish to the images that they ask about, with a reader that grows in seconds."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from labeling.errors import Refused
from labeling.jobs import JobState
from labeling.models import AuditEntry, Image, Project, Split
from labeling.services.deleting import delete_images
from tests.factories import add_images, make_project, pin
from tests.training.label_free_rows import STYLE, add_asked, add_label_free
from tests.training.small_models import some_texts
from training.models import DatasetItem, LabelFree, Model, ModelState, Run
from training.recognition.progress import BatchProgress, EpochMetrics
from training.services import label_free_reporter
from training.services.deleting_runs import delete_run
from training.services.label_free import Wish, adjusted_style, start_without_labels, train_again
from training.services.label_free_pictures import picture_rows
from training.services.label_free_reporter import LabelFreeReporter
from training.services.run_companions import Companions, companions_of
from training.services.runs import create_run, resume_run, retry_run, stop_run
from training.services.training_work import run_training
from training.services.unlabelled import held_out_images, learnt_images

pytestmark = pytest.mark.django_db

SMALL = Wish(refine=False, self_train=False, synthetic_count=200, max_minutes=0.2)


def unlabelled_project(count: int = 90, name: str = "", **changes: Any) -> Project:
    project = make_project(
        alphabet="0147", min_length=2, max_length=2, name=name or f"digits {uuid4().hex[:6]}", **changes
    )
    add_images(project, some_texts(count), labelled=False, seed=2000)
    return project


def start(project: Project, **changes: Any) -> Run:
    wish = {
        "wish": SMALL, "architecture": "random_forest", "hyperparameters": {"trees": 20}, "here": True,
        "user": project.created_by,
    } | changes  # fmt: skip
    return start_without_labels(project=project, **wish)


class Watcher:
    """Stops a run when it comes to a stage."""

    def __init__(self, stop_at: str = "") -> None:
        self.stages: list[str] = []
        self._stop_at = stop_at

    def on_stage(self, stage: str) -> None:
        self.stages.append(stage)

    def on_batch(self, progress: BatchProgress) -> None: ...

    def on_epoch(self, metrics: EpochMetrics) -> None: ...

    def should_stop(self) -> bool:
        return self._stop_at in self.stages


def trained(run: Run, watcher: Watcher | None = None) -> Run:
    run_training(run.pk, listener=watcher or Watcher())
    run.refresh_from_db()
    return run


def states(run: Run) -> dict[str, str]:
    return {each["name"]: each["state"] for each in LabelFree.objects.get(pk=run.pk).stages}


# --- Starting ---


def test_a_start_freezes_what_is_labelled_even_nothing_and_says_who_started_it() -> None:
    project = unlabelled_project()
    run = start(project)
    assert (run.teaching, run.dataset.item_count, run.state) == ("no_labels", 0, JobState.QUEUED)
    assert run.label_free.options["synthetic_count"] == 200
    entry = AuditEntry.objects.get(project=project)
    assert (entry.action, entry.user, entry.target) == ("run_without_labels", project.created_by, "Run 1")


def test_too_few_images_are_refused_with_how_many_are_needed() -> None:
    with pytest.raises(Refused, match=r"has 20 images.*at least 50 to learn from, so about 63 in all"):
        start(unlabelled_project(20))


def test_a_project_without_images_is_refused() -> None:
    with pytest.raises(Refused, match="has 0 images"):
        start(unlabelled_project(0))


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        (replace(SMALL, synthetic_count=0), "0 drawn images do not work"),
        (replace(SMALL, synthetic_count=10**9), "1,000,000,000 drawn images do not work"),
        (replace(SMALL, max_minutes=0), "0 minutes do not work"),
        (replace(SMALL, max_minutes=float("nan")), "nan minutes do not work"),
    ],
)
def test_a_wish_that_cannot_work_is_refused(wish: Wish, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        start(unlabelled_project(), wish=wish)


@pytest.mark.parametrize("style", [{"height": -4}, {"height": "high"}, {"glitter": 1}, {"rotation": [9, 1]}])
def test_a_style_that_makes_no_sense_is_refused_in_a_sentence(style: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="This style does not work: "):
        start(unlabelled_project(), style=style)


def test_a_reader_that_cannot_self_train_is_refused_where_it_should() -> None:
    with pytest.raises(Refused, match="cannot learn from unlabelled images"):
        start(unlabelled_project(), wish=replace(SMALL, self_train=True))


def test_training_again_takes_over_all_but_the_style() -> None:
    row = add_label_free(unlabelled_project())
    style = adjusted_style(label_free=row, changes={"rotation": [0, 3]})
    again = train_again(label_free=row, user=None, style=style)
    assert again.copied_from == row.run
    assert again.label_free.is_adjusted
    assert again.label_free.style == row.style | {"rotation": [0.0, 3.0]}
    assert again.label_free.options == row.options


def test_a_failed_run_is_tried_again_without_labels() -> None:
    row = add_label_free(unlabelled_project(), state=JobState.FAILED)
    again = retry_run(run=row.run)
    assert again.needs_no_labels
    assert again.label_free.options == row.options
    # It was fitted, so it is fitted again.
    assert again.label_free.style is None


# --- What is learnt from, and what is kept apart ---


def test_images_that_are_learnt_from_are_never_asked_about() -> None:
    run = start(unlabelled_project(100))
    learnt, held_out = set(learnt_images(run)), set(held_out_images(run))
    assert learnt
    assert held_out
    assert not learnt & held_out
    assert len(learnt | held_out) == 100


def test_labelled_images_that_measure_are_not_learnt_from() -> None:
    project = unlabelled_project(100)
    labelled = add_images(project, some_texts(12, seed=8), seed=9000)
    run = start(project)
    measured = DatasetItem.objects.filter(dataset=run.dataset).exclude(split=Split.TRAIN)
    measuring = set(measured.values_list("image", flat=True))
    assert measuring
    assert not measuring & set(learnt_images(run))
    assert not {image.pk for image in labelled} & set(held_out_images(run))


def test_images_that_came_with_a_split_keep_it() -> None:
    project = unlabelled_project(100)
    pinned = list(Image.objects.filter(project=project)[:10])
    pin(pinned, Split.TEST)
    run = start(project)
    assert {image.pk for image in pinned} <= set(held_out_images(run))


# --- The whole way ---


# The run's heartbeat comes from another connection, which sees committed rows only.
@pytest.mark.django_db(transaction=True)
def test_a_run_without_labels_ends_with_a_model_that_reads_and_images_to_ask_about() -> None:
    project = unlabelled_project(100)
    watcher = Watcher()
    run = trained(start(project), watcher)
    assert (run.state, run.error) == (JobState.DONE, "")
    model = Model.objects.get(run=run)
    assert (model.state, model.metrics) == (ModelState.PRODUCTION, {})
    row = LabelFree.objects.get(pk=run.pk)
    assert set(states(run).values()) == {"done"}
    assert watcher.stages[-3:] == ["exporting", "evaluating", "choosing images to ask"]
    assert row.style is not None
    assert [each["kind"] for each in row.pictures] == ["drawn"]
    asked = set(row.asked.values_list("image", flat=True))
    assert asked == set(held_out_images(run))
    assert all(len(each.reading) == 2 for each in row.asked.all())


@pytest.mark.django_db(transaction=True)
def test_labels_that_are_there_measure_the_model_although_they_did_not_teach_it() -> None:
    project = unlabelled_project(90)
    add_images(project, some_texts(20, seed=8), seed=9000)
    run = trained(start(project))
    model = Model.objects.get(run=run)
    assert model.metrics[Split.TEST]["n"] == run.dataset.test_count > 0


@pytest.mark.django_db(transaction=True)
def test_images_of_different_sizes_are_learnt_from() -> None:
    project = unlabelled_project(90)
    rows = list(Image.objects.filter(project=project))
    assert len({(image.width, image.height) for image in rows}) == 1
    add_wide_images(project)
    run = trained(start(project))
    assert run.state == JobState.DONE


def add_wide_images(project: Project) -> None:
    from labeling.imaging.decode import decode_image
    from labeling.services.counts import recount
    from labeling.services.images import new_image, store_picture
    from tests.factories import png

    rows = []
    for number, text in enumerate(some_texts(10, seed=4)):
        data = png(text, number, width=90 + number, height=40 - number)
        image = new_image(project=project, name=f"{number}.png", data=data, decoded=decode_image(data))
        store_picture(image, data)
        rows.append(image)
    Image.objects.bulk_create(rows)
    recount(project=project)


@pytest.mark.django_db(transaction=True)
def test_an_image_that_is_deleted_after_the_start_is_left_out() -> None:
    project = unlabelled_project(90)
    run = start(project)
    gone = [*learnt_images(run)[:2], *held_out_images(run)[:1]]
    delete_images(project=project, user=project.created_by, image_ids=gone)
    trained(run)
    assert run.state == JobState.DONE
    assert not set(gone) & set(run.label_free.asked.values_list("image", flat=True))


@pytest.mark.django_db(transaction=True)
def test_a_project_that_lost_its_images_after_the_start_fails_with_a_sentence() -> None:
    project = unlabelled_project(90)
    run = start(project)
    ids = list(Image.objects.filter(project=project).values_list("pk", flat=True)[:80])
    delete_images(project=project, user=project.created_by, image_ids=ids)
    trained(run)
    assert run.state == JobState.FAILED
    assert "has 10 images" in run.error


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("stage", ["preparing images", "fitting", "drawing"])
def test_a_run_that_is_stopped_before_it_has_a_reader_ends_without_one_and_can_be_resumed(stage: str) -> None:
    run = trained(start(unlabelled_project(90)), Watcher(stop_at=stage))
    assert run.state == JobState.STOPPED
    assert "there is no model yet" in run.error
    assert "running" not in states(run).values()
    resume_run(run=run)
    assert trained(run).state == JobState.DONE
    assert set(states(run).values()) == {"done"}


@pytest.mark.django_db(transaction=True)
def test_a_stop_is_heard_while_pictures_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label_free_reporter, "WRITE_EVERY_SECONDS", 0)
    run = trained(start(unlabelled_project(90)), Watcher(stop_at="drawing"))
    assert states(run)["drawing"] == "stopped"
    assert picture_rows(LabelFree.objects.get(pk=run.pk)) == []


@pytest.mark.django_db(transaction=True)
def test_what_a_dead_worker_had_fitted_is_kept() -> None:
    project = unlabelled_project(90)
    run = start(project)
    kept = replace(STYLE, rotation=(0.0, 1.25)).to_json()
    stages = [
        {"name": "fitting", "state": "done", "seconds": 40.0},
        {"name": "drawing", "state": "running", "seconds": 0.0, "since": timezone.now().isoformat()},
    ]
    LabelFree.objects.filter(pk=run.pk).update(style=kept, stages=stages)
    trained(run)
    row = LabelFree.objects.get(pk=run.pk)
    assert (run.state, row.style, row.is_adjusted) == (JobState.DONE, kept, False)
    seconds = {each["name"]: each["seconds"] for each in row.stages}
    assert seconds["fitting"] >= 40


@pytest.mark.django_db(transaction=True)
def test_a_stop_that_comes_while_it_waits_ends_it_at_once() -> None:
    run = start(unlabelled_project())
    stop_run(run=run)
    assert run.state == JobState.STOPPED


@pytest.mark.django_db(transaction=True)
def test_a_second_run_without_labels_reads_in_place_of_the_first_but_not_of_a_measured_model() -> None:
    project = unlabelled_project(90)
    first, second = (Model.objects.get(run=trained(start(project, seed=seed))) for seed in (1, 2))
    first.refresh_from_db()
    assert (first.state, second.state) == (ModelState.CANDIDATE, ModelState.PRODUCTION)
    labelled = unlabelled_project(90, "labelled")
    add_images(labelled, some_texts(20, seed=8), seed=9000)
    run = create_run(project=labelled, user=None, architecture="random_forest", here=True)
    measured = Model.objects.get(run=trained(run))
    assert measured.state == ModelState.PRODUCTION


# --- What is told on the way ---


def tell(epochs_done: int, *trainings: tuple[str, Sequence[int]]) -> list[int]:
    """The numbers of the epochs that are written when stages tell these."""
    run = start(unlabelled_project())
    assert run.claim_for_work()
    told: list[int] = []
    with companions_of(run, Watcher()) as companions:
        watching = SimpleNamespace(
            reporter=companions.reporter,
            checkpoints=SimpleNamespace(epochs_done=epochs_done),
            watching=companions.watching,
        )
        reporter = LabelFreeReporter(run, cast(Companions, watching), real=[])
        values = dict.fromkeys(EpochMetrics.__dataclass_fields__, 0.0)
        for stage, epochs in trainings:
            reporter.on_stage(stage)
            for epoch in epochs:
                reporter.on_epoch(EpochMetrics(**values | {"epoch": epoch, "best": True}))  # type: ignore[arg-type]
                told.append(Run.objects.get(pk=run.pk).epoch)
    return told


@pytest.mark.django_db(transaction=True)
def test_self_training_that_has_no_time_is_left_out_and_the_page_says_why() -> None:
    wish = replace(SMALL, self_train=True, max_minutes=0.1)
    run = trained(start(unlabelled_project(), wish=wish, architecture="slots", hyperparameters={}))
    assert run.state == JobState.DONE
    assert states(run) == {
        "fitting": "done", "drawing": "done", "training": "done", "self-training": "left-out"
    }  # fmt: skip
    assert "Allow more minutes" in LabelFree.objects.get(pk=run.pk).stages[-1]["message"]


@pytest.mark.django_db(transaction=True)
def test_self_training_goes_on_counting_epochs() -> None:
    assert tell(0, ("training", [1, 2, 3]), ("self-training", [1, 2])) == [1, 2, 3, 4, 5]


@pytest.mark.django_db(transaction=True)
def test_what_goes_on_after_an_interruption_keeps_its_numbers() -> None:
    assert tell(4, ("training", [5, 6])) == [5, 6]
    assert tell(6, ("training", []), ("self-training", [3])) == [9]


def test_a_deleted_run_takes_its_sample_pictures_along(django_capture_on_commit_callbacks: Any) -> None:
    row = add_label_free(unlabelled_project())
    add_asked(row, count=3, answered=1)
    stored = picture_rows(row)[0].file
    assert default_storage.exists(stored)
    with django_capture_on_commit_callbacks(execute=True):
        delete_run(run=row.run, user=None)
    assert not default_storage.exists(stored)
    assert not LabelFree.objects.exists()
    # What people said stays.
    assert Image.objects.filter(status="labelled").count() == 1
