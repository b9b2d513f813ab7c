"""Changing how images are handed out, and settling anew what was read by other rules."""

from typing import Any
from uuid import uuid4

import pytest

from labeling.errors import Refused
from labeling.jobs import JobState
from labeling.models import Annotation, AuditEntry, Image, Project, ProjectCounts, SettlingPass
from labeling.models.annotations import AnnotationSource
from labeling.services import settling_work
from labeling.services.annotations import annotate, submit
from labeling.services.audit import Action
from labeling.services.queue_settings import change_queue
from labeling.services.settling_work import run_settling
from tests.factories import add_images, make_project, make_user

pytestmark = pytest.mark.django_db


def change(project: Project, **changes: Any) -> SettlingPass | None:
    now = Project.objects.get(pk=project.pk)
    wish = {"queue_order": now.queue_order, "overlap": now.overlap, "gold_share": now.gold_share} | changes
    return change_queue(project=project, user=project.created_by, **wish)


def settle_anew(project: Project, overlap: int) -> SettlingPass:
    row = change(project, overlap=overlap)
    assert row is not None
    run_settling(row.pk)
    row.refresh_from_db()
    return row


def read(image: Image, *people_and_texts: tuple[Any, str]) -> None:
    for person, text in people_and_texts:
        submit(image=image, user=person, key=uuid4(), text=text)


def states(project: Project) -> list[tuple[str, str]]:
    return list(project.images.order_by("id").values_list("status", "text"))


def test_order_and_checks_change_at_once_and_the_trail_says_from_what() -> None:
    project = make_project()
    assert change(project, queue_order="random", gold_share=0.1) is None
    project.refresh_from_db()
    assert (project.queue_order, project.gold_share) == ("random", 0.1)
    entry = AuditEntry.objects.get(action=Action.SETTINGS_CHANGED)
    assert entry.detail == {"queue_order": ["least_sure", "random"], "gold_share": [0.0, 0.1]}


@pytest.mark.parametrize(
    "changes",
    [{"overlap": 0}, {"overlap": 6}, {"gold_share": 0.6}, {"gold_share": -0.1}, {"queue_order": "x"}],
)
def test_what_does_not_work_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        change(make_project(), **changes)


def test_with_more_readers_what_too_few_have_read_waits_again() -> None:
    project, ada = make_project(), make_user("ada")
    images = add_images(project, ["111", "222", "333"], labelled=False)
    read(images[0], (ada, "111"))
    annotate(image=images[1], user=ada, text="222", source=AnnotationSource.CORRECTION)
    Annotation.objects.create(image=images[2], text="333", source=AnnotationSource.IMPORT)
    assert settle_anew(project, 1 + 1).state == JobState.DONE
    assert states(project)[:2] == [("unlabelled", ""), ("labelled", "222")]
    counts = ProjectCounts.objects.get(project=project)
    assert (counts.unlabelled, counts.labelled) == (2, 1)
    settle_anew(project, 1)
    assert states(project)[0] == ("labelled", "111")


def test_with_fewer_readers_what_enough_have_read_is_decided() -> None:
    project = make_project(overlap=3)
    ada, bob = make_user("ada"), make_user("bob")
    images = add_images(project, ["111", "222", "333"], labelled=False)
    read(images[0], (ada, "111"), (bob, "111"))
    read(images[1], (ada, "222"), (bob, "223"))
    read(images[2], (ada, "333"))
    settle_anew(project, 2)
    assert states(project) == [("labelled", "111"), ("disputed", ""), ("unlabelled", "")]
    settle_anew(project, 1)
    assert states(project) == [("labelled", "111"), ("labelled", "223"), ("labelled", "333")]


def test_labels_of_imports_stay() -> None:
    project = make_project()
    add_images(project, ["111"])
    settle_anew(project, 5)
    assert states(project) == [("labelled", "111")]


def test_an_unchanged_overlap_settles_nothing() -> None:
    project = make_project()
    assert change(project, gold_share=0.2) is None
    assert not SettlingPass.objects.exists()


def test_saving_once_more_goes_on_where_a_pass_has_failed() -> None:
    project = make_project()
    row = change(project, overlap=2)
    SettlingPass.objects.update(state=JobState.FAILED, position=7)
    again = change(project)
    assert again == row
    assert (again.state, again.position) == (JobState.QUEUED, 7)


def test_a_pass_goes_on_behind_the_last_whole_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    project, ada = make_project(), make_user("ada")
    images = add_images(project, ["111"] * 5, labelled=False)
    for image in images:
        read(image, (ada, "111"))
    row = change(project, overlap=2)
    monkeypatch.setattr(settling_work, "BATCH", 2)
    settled: list[list[int]] = []
    settle_all = settling_work.settle_all

    def settle_until_it_breaks(ids: list[int]) -> None:
        settled.append(ids)
        if len(settled) == 2:
            raise RuntimeError("the disk is full")
        settle_all(ids)

    monkeypatch.setattr(settling_work, "settle_all", settle_until_it_breaks)
    run_settling(row.pk)
    row.refresh_from_db()
    assert (row.state, row.position, row.done) == (JobState.FAILED, images[1].pk, 2)
    row.mark_queued()
    run_settling(row.pk)
    row.refresh_from_db()
    assert (row.state, row.done, row.total) == (JobState.DONE, 5, 5)
    assert [len(ids) for ids in settled] == [2, 2, 2, 1]
    assert project.images.filter(status="unlabelled").count() == 5


def test_a_pass_stops_for_a_newer_one() -> None:
    project, ada = make_project(), make_user("ada")
    [image] = add_images(project, ["111"], labelled=False)
    read(image, (ada, "111"))
    older, newer = change(project, overlap=2), change(project, overlap=3)
    for row in (older, newer):
        run_settling(row.pk)
        row.refresh_from_db()
    assert (older.state, newer.state) == (JobState.STOPPED, JobState.DONE)
