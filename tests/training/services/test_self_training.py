"""Runs that learn from unlabelled images: which images, when, and what is written down. Nothing is trained."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from labeling.errors import Refused
from labeling.heartbeat import Heartbeat
from labeling.models import Image, ImageStatus, Project
from tests.factories import add_images, make_project, pin, texts
from training.leftovers import run_folder
from training.models import Run, Split
from training.recognition.architectures import get_architecture
from training.recognition.self_training import Round
from training.services.datasets import split_of
from training.services.reading_task import reading_task
from training.services.run_reporter import RunReporter
from training.services.runs import create_run, retry_run, settings_of
from training.services.self_training_images import unlabelled_images, unlabelled_outlook, unlabelled_pictures

pytestmark = pytest.mark.django_db

ROUND = Round(
    number=1, taken=20, of=30, threshold=0.8, estimated_precision=0.97, low=0.9, high=0.99, checked=5, checked_right=5,
    agreement=None, missing="", validated_on=6,
)  # fmt: skip


@pytest.fixture
def project() -> Project:
    project = make_project()
    add_images(project, texts(20))
    add_images(project, texts(40, seed=5), labelled=False, seed=500)
    # With the counts of now.
    return Project.objects.get(pk=project.pk)


def run_of(project: Project, **wish: object) -> Run:
    return create_run(project=project, user=project.created_by, self_training=True, **wish)  # type: ignore[arg-type]


def unlabelled(project: Project) -> list[Image]:
    return list(Image.objects.unlabelled().filter(project=project))


def test_only_images_whose_content_says_train_are_learnt_from(project: Project) -> None:
    chosen = set(unlabelled_images(run_of(project)))
    expected = {each.pk for each in unlabelled(project) if split_of(each.sha256) == Split.TRAIN}
    assert chosen == expected
    assert 0 < len(chosen) < 40


def test_images_that_came_for_testing_are_left_out_and_those_for_training_are_not(project: Project) -> None:
    rows = unlabelled(project)
    pin(rows[:10], Split.TEST)
    pin(rows[10:20], Split.TRAIN)
    chosen = set(unlabelled_images(run_of(project)))
    assert not chosen & {each.pk for each in rows[:10]}
    assert {each.pk for each in rows[10:20]} <= chosen


def test_a_twin_of_a_held_out_image_is_left_out(project: Project) -> None:
    run = run_of(project)
    held_out = run.dataset.items.exclude(split=Split.TRAIN).select_related("image").first()
    assert held_out is not None
    before = unlabelled_images(run)
    Image.objects.filter(pk=before[0]).update(fingerprint=held_out.image.fingerprint)
    assert unlabelled_images(run) == before[1:]


def test_a_run_keeps_its_images_whatever_is_labelled_or_imported_since(project: Project) -> None:
    run = run_of(project)
    before = unlabelled_images(run)
    Image.objects.filter(pk=before[0]).update(status=ImageStatus.LABELLED, text="123")
    add_images(project, texts(10, seed=9), labelled=False, seed=900)
    assert unlabelled_images(run) == before


def test_images_that_nobody_could_read_are_left_out(project: Project) -> None:
    run = run_of(project)
    first, *others = unlabelled_images(run)
    Image.objects.filter(pk=first).update(status=ImageStatus.SKIPPED)
    assert unlabelled_images(run) == others


def test_pictures_are_prepared_once_and_damaged_files_left_out(project: Project, tmp_path: Path) -> None:
    run = run_of(project)
    ids = unlabelled_images(run)
    default_storage.delete(Image.objects.get(pk=ids[0]).file.name)
    task, slots = reading_task(run.project, run.preparation), get_architecture("slots")
    pictures = unlabelled_pictures(run, task, slots)
    assert pictures.shape == (len(ids) - 1, 1, *slots.input_shape(task))
    Image.objects.filter(pk__in=ids).delete()
    assert (unlabelled_pictures(run, task, slots) == pictures).all()
    assert (run_folder(run.pk) / "unlabelled").is_dir()


def test_the_outlook_estimates_what_a_run_would_find(project: Project) -> None:
    assert unlabelled_outlook(project) == 32
    pin(unlabelled(project)[:10], Split.TEST)
    assert unlabelled_outlook(project) == 24
    assert unlabelled_outlook(make_project(name="empty")) == 0


def test_what_cannot_learn_from_unlabelled_images_says_so(project: Project) -> None:
    with pytest.raises(Refused, match="cannot learn from unlabelled images"):
        run_of(project, architecture="random_forest")
    with pytest.raises(Refused, match="cannot learn from unlabelled images"):
        run_of(project, architecture="position_ensemble")
    full = make_project(name="full")
    add_images(full, texts(20))
    with pytest.raises(Refused, match="no unlabelled images"):
        run_of(full)


def test_a_run_tried_again_learns_from_the_same_images(project: Project) -> None:
    run = run_of(project)
    before = unlabelled_images(run)
    add_images(project, texts(10, seed=9), labelled=False, seed=900)
    Run.objects.filter(pk=run.pk).update(state="failed")
    run.refresh_from_db()
    again = retry_run(run=run, user=project.created_by)
    assert settings_of(again) == settings_of(run)
    assert unlabelled_images(again) == before


def test_rounds_are_written_down_in_place_of_what_an_earlier_attempt_wrote(project: Project) -> None:
    run = run_of(project)
    assert run.claim_for_work()
    reporter = RunReporter(run, Heartbeat(run), None)
    second = replace(ROUND, number=2)
    for told in (ROUND, replace(ROUND, accuracy=0.5), second, replace(second, accuracy=0.75, kept=True)):
        reporter.on_round(told)
    reporter.on_round(replace(ROUND, accuracy=0.5))
    reporter.on_round(second)
    run.refresh_from_db()
    assert [Round.from_json(each) for each in run.rounds] == [replace(ROUND, accuracy=0.5), second]
