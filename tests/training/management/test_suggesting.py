"""Suggestions and the automatic loop from the command line."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from labeling.jobs import JobState
from labeling.models import Project, Role, Suggestion
from tests.factories import add_images, make_member
from tests.training.small_models import add_production_reader, project_with_labels, some_texts
from training.models import AutomaticLoop, SuggestionPass

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return project_with_labels()


def run(*words: Any) -> str:
    out = StringIO()
    call_command(*map(str, words), stdout=out, stderr=StringIO())
    return out.getvalue()


def test_suggestions_are_made_without_a_worker_and_forgotten_again(project: Project) -> None:
    add_production_reader(project)
    images = add_images(project, some_texts(5, 8), labelled=False, seed=100)
    answer = json.loads(run("suggest", project.name, "--local", "--json"))
    assert answer["state"] == "done"
    assert answer["done"] == answer["total"]
    assert Suggestion.objects.filter(image__in=images).count() == 5
    run("suggest", project.name, "--forget")
    assert not Suggestion.objects.exists()


def test_without_local_a_worker_is_asked(project: Project) -> None:
    add_production_reader(project)
    SuggestionPass.objects.update(state=JobState.DONE)
    assert "queued" in run("suggest", project.name)
    assert SuggestionPass.objects.get().state == JobState.QUEUED


def test_a_model_that_cannot_be_loaded_fails_the_command(project: Project) -> None:
    model = add_production_reader(project)
    model.onnx_file.storage.delete(model.onnx_file.name)
    with pytest.raises(CommandError, match="missing or damaged"):
        run("suggest", project.name, "--local")


def test_without_a_model_the_starter_reads(project: Project) -> None:
    images = add_images(project, some_texts(5, 8), labelled=False, seed=100)
    answer = json.loads(run("suggest", project.name, "--local", "--json"))
    assert (answer["by"], answer["model"], answer["state"], answer["done"]) == ("starter", None, "done", 5)
    assert Suggestion.objects.filter(image__in=images).count() == 5


def test_the_starter_is_switched_off_and_on(project: Project) -> None:
    add_images(project, some_texts(5, 8), labelled=False, seed=100)
    run("suggest", project.name, "--local")
    assert "suggests nothing" in run("suggest", project.name, "--starter", "off")
    assert not Suggestion.objects.exists()
    with pytest.raises(CommandError, match=r"switched off.*Train a model"):
        run("suggest", project.name)
    assert json.loads(run("suggest", project.name, "--starter", "on", "--json")) == {"starter": True}


def test_only_who_may_change_settings_switches_the_starter(project: Project) -> None:
    make_member(project, Role.REVIEWER, "rae")
    with pytest.raises(CommandError, match="needs the role owner"):
        run("suggest", project.name, "--starter", "off", "--as", "rae")


def test_the_loop_is_switched_and_shown(project: Project) -> None:
    assert "does not train by itself" in run("automatic_loop", project.name)
    assert not AutomaticLoop.objects.exists()
    assert "every 40 annotations" in run("automatic_loop", project.name, "--on", "--every", 40)
    assert "every 50 annotations" in run("automatic_loop", project.name, "--every", 50)
    assert AutomaticLoop.objects.get().is_on
    assert "does not train" in run("automatic_loop", project.name, "--off")
    assert not AutomaticLoop.objects.get().is_on


def test_a_number_out_of_range_is_one_clear_line(project: Project) -> None:
    with pytest.raises(CommandError, match="choose from 10"):
        run("automatic_loop", project.name, "--on", "--every", 3)
