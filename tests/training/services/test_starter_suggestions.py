"""Suggestions of the starter: from the first import on, until the project has a model of its own."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labeling.errors import Refused
from labeling.imaging.recipe import Recipe
from labeling.imaging.slicing import WholePicture
from labeling.imaging.steps import Channel
from labeling.jobs import JobState
from labeling.models import AuditEntry, Doubt, Image, Import, Project, Suggestion
from labeling.services.preparations import save_preparation
from labeling.services.suggestions import ImageReading, write_suggestions
from labeling.signals import images_came
from tests.factories import add_images, make_project
from tests.training.small_models import add_production_reader, project_with_labels, some_texts
from training.models import STARTER_NUMBER, SuggestionPass
from training.recognition.starter import fingerprint
from training.services import suggesting_work
from training.services.suggesting import (
    forget,
    present_pass,
    start_missing_passes,
    start_starter_pass,
    suggest,
    switch_starter,
)
from training.services.suggesting_work import run_pass

pytestmark = pytest.mark.django_db

TEXTS = ["147", "401", "774", "170", "047", "710"]


@pytest.fixture
def project() -> Project:
    return make_project()


def read_all(project: Project) -> SuggestionPass:
    row = present_pass(project)
    assert row is not None
    run_pass(row.pk)
    row.refresh_from_db()
    return row


def suggested(project: Project) -> dict[int, str]:
    rows = Suggestion.objects.filter(image__project=project)
    return dict(rows.values_list("image_id", "text"))


def test_the_first_import_is_read_by_the_starter_with_the_projects_alphabet_and_length(
    project: Project,
) -> None:
    images = add_images(project, TEXTS, labelled=False)
    images_came.send(Import, project=project)
    row = read_all(project)
    assert (row.state, row.done, row.total, row.starter) == (JobState.DONE, 6, 6, fingerprint())
    texts = suggested(project)
    assert all(len(text) == 3 and text.isdecimal() for text in texts.values())
    assert sum(texts[image.pk] == image.name[:3] for image in images) >= 4
    for image in Image.objects.select_related("suggestion"):
        assert image.suggestion.model_number == STARTER_NUMBER
        assert image.confidence == image.suggestion.confidence
        assert 0 < image.confidence <= 1


def test_the_starter_accuses_nobodys_label(project: Project) -> None:
    add_images(project, ["000"] * 3, seed=3)
    add_images(project, TEXTS, labelled=False)
    start_starter_pass(project=project)
    assert read_all(project).done == 6
    assert not Doubt.objects.exists()


def test_a_production_model_takes_the_starters_place() -> None:
    project = project_with_labels()
    images = add_images(project, some_texts(5), labelled=False, seed=300)
    start_starter_pass(project=project)
    read_all(project)
    model = add_production_reader(project)
    row = read_all(project)
    assert row.model == model
    assert not SuggestionPass.objects.filter(model=None).exists()
    numbers = Suggestion.objects.filter(image__in=images).values_list("model_number", flat=True)
    assert set(numbers) == {model.run.number}


def test_what_a_former_model_suggested_is_not_replaced_by_the_starter(project: Project) -> None:
    first, *others = add_images(project, TEXTS, labelled=False)
    write_suggestions(project=project, model_number=7, rows=[ImageReading(first.pk, "111", 0.9, [])])
    start_starter_pass(project=project)
    assert read_all(project).done == len(others)
    assert suggested(project)[first.pk] == "111"


def test_a_model_that_is_promoted_meanwhile_ends_the_starters_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    project = project_with_labels()
    images = add_images(project, some_texts(5), labelled=False, seed=300)
    row = start_starter_pass(project=project)
    read = suggesting_work._read

    def read_and_promote(*arguments: object) -> object:
        readings = read(*arguments)  # type: ignore[arg-type]
        add_production_reader(project)
        return readings

    monkeypatch.setattr(suggesting_work, "_read", read_and_promote)
    run_pass(row.pk)
    assert not Suggestion.objects.filter(image__in=images).exists()


def test_switched_off_its_suggestions_go_and_no_import_brings_them_back(project: Project) -> None:
    add_images(project, TEXTS, labelled=False)
    start_starter_pass(project=project)
    read_all(project)
    switch_starter(project=project, user=project.created_by, is_on=False)
    images_came.send(Import, project=Project.objects.get(pk=project.pk))
    start_missing_passes()
    assert suggested(project) == {}
    assert present_pass(project) is None
    assert not Image.objects.exclude(confidence=0).exists()
    with pytest.raises(Refused, match="switched off"):
        suggest(project=project, user=None)
    switch_starter(project=project, user=project.created_by, is_on=True)
    read_all(project)
    assert len(suggested(project)) == 6
    entries = AuditEntry.objects.filter(action="starter_switched").order_by("pk")
    assert [entry.detail["on"] for entry in entries] == [False, True]


def test_suggestions_of_models_stay_when_the_starter_is_switched_off() -> None:
    project = project_with_labels()
    images = add_images(project, some_texts(5), labelled=False, seed=300)
    add_production_reader(project)
    read_all(project)
    switch_starter(project=project, user=None, is_on=False)
    assert Suggestion.objects.filter(image__in=images).count() == 5


def test_an_alphabet_that_the_starter_does_not_know_is_refused_in_words() -> None:
    project = make_project(alphabet="äöü")
    add_images(project, TEXTS, labelled=False)
    images_came.send(Import, project=project)
    start_missing_passes()
    assert not SuggestionPass.objects.exists()
    with pytest.raises(Refused, match="the alphabet has none of them"):
        suggest(project=project, user=None)


def test_another_preparation_has_everything_read_anew(project: Project) -> None:
    add_images(project, TEXTS, labelled=False)
    start_starter_pass(project=project)
    first = read_all(project).preparation
    recipe = Recipe((Channel("red"),), WholePicture())
    second = save_preparation(project=project, user=None, recipe=recipe)
    start_missing_passes()
    assert suggested(project) == {}
    row = read_all(project)
    assert (first != second, row.preparation, row.done) == (True, second, 6)
    before = SuggestionPass.objects.values().get()
    start_missing_passes()
    assert SuggestionPass.objects.values().get() == before


def test_another_starter_reads_everything_anew(project: Project) -> None:
    add_images(project, TEXTS, labelled=False)
    start_starter_pass(project=project)
    read_all(project)
    SuggestionPass.objects.update(starter="0" * 16)
    start_missing_passes()
    assert suggested(project) == {}
    assert read_all(project).starter == fingerprint()
    assert len(suggested(project)) == 6


def test_a_worker_that_reads_through_a_former_preparation_writes_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_images(project, TEXTS, labelled=False)
    row = start_starter_pass(project=project)
    read = suggesting_work._read

    def read_and_prepare(*arguments: object) -> object:
        readings = read(*arguments)  # type: ignore[arg-type]
        save_preparation(project=project, user=None, recipe=Recipe((Channel("red"),), WholePicture()))
        start_missing_passes()
        return readings

    monkeypatch.setattr(suggesting_work, "_read", read_and_prepare)
    run_pass(row.pk)
    assert suggested(project) == {}
    assert present_pass(project).state == JobState.QUEUED  # type: ignore[union-attr]


def test_projects_that_were_there_before_get_their_suggestions_and_empty_ones_wait(project: Project) -> None:
    add_images(project, TEXTS, labelled=False)
    make_project(name="empty")
    start_missing_passes()
    assert SuggestionPass.objects.get().project == project


def test_looking_for_missing_passes_takes_as_many_queries_for_many_projects() -> None:
    counts = []
    for name in ("one", "two", "three"):
        add_images(make_project(name=name), TEXTS, labelled=False)
        start_missing_passes()
        with CaptureQueriesContext(connection) as queries:
            start_missing_passes()
        counts.append(len(queries))
    assert counts == [counts[0]] * 3


def test_forgotten_suggestions_of_the_starter_stay_forgotten_until_somebody_wishes_for_them(
    project: Project,
) -> None:
    add_images(project, TEXTS, labelled=False)
    start_starter_pass(project=project)
    read_all(project)
    forget(project=project)
    start_missing_passes()
    assert read_all(project).state == JobState.STOPPED
    assert suggested(project) == {}
    row = suggest(project=project, user=project.created_by)
    assert row.state == JobState.QUEUED
    read_all(project)
    assert len(suggested(project)) == 6
    assert AuditEntry.objects.get(action="suggestions_started").target == "the starter"
