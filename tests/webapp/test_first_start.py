import pytest

from labeling.models import Image, Project
from labeling.services.projects import delete_project
from training.models import Run
from webapp.accounts.models import User
from webapp.first_start import first_start

pytestmark = pytest.mark.django_db


def said(**environment: str) -> list[str]:
    lines: list[str] = []
    first_start(lines.append)
    return lines


def test_the_password_is_random_printed_once_and_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO", "0")
    monkeypatch.delenv("ADMIN_PASSWORD", raising=False)
    first, second = said(), said()
    password = first[0].split("password ")[1].split()[0]
    assert User.objects.get().check_password(password)
    assert second == []


def test_a_given_password_is_taken_and_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO", "0")
    monkeypatch.setenv("ADMIN_PASSWORD", "my own words")
    lines = said()
    assert User.objects.get().check_password("my own words")
    assert "my own words" not in " ".join(lines)


def test_the_demo_is_made_like_anybodys_project_and_does_not_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DEMO", "1")
    said()
    project = Project.objects.get()
    assert (Image.objects.labelled().count(), Image.objects.unlabelled().count()) == (600, 200)
    assert project.imports.count() == 2
    run = Run.objects.get()
    assert (run.state, run.architecture) == ("queued", "slots")
    delete_project(project=project)
    said()
    assert not Project.objects.exists()
