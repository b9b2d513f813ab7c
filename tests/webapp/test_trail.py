"""Acts on long jobs and suggestions leave a trail, as they are done on pages and in commands."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from labeling.jobs import JobState
from labeling.models import AuditEntry, Export, Import, Project
from labeling.services.exports import create_export
from tests.factories import add_images, make_project, texts
from tests.training.views.rows import add_run

pytestmark = pytest.mark.django_db


def stopped_import(client: Client, project: Project) -> str:
    batch = Import.objects.create(project=project, label_source="none", state=JobState.QUEUED)
    client.post(reverse("labeling:import_stop", args=[project.pk, batch.pk]))
    return str(batch)


def export_act(name: str) -> Callable[[Client, Project], str]:
    def act(client: Client, project: Project) -> str:
        export = create_export(project=project, user=project.created_by, format="table")
        Export.objects.update(state=JobState.FAILED)
        client.post(reverse(f"labeling:{name}", args=[project.pk, export.pk]))
        return f"{export}, Table"

    return act


def resumed_run(client: Client, project: Project) -> str:
    run = add_run(project, state=JobState.STOPPED)
    client.post(reverse("training:resume_run", args=[project.pk, run.number]))
    return str(run)


def forgotten_suggestions(client: Client, project: Project) -> str:
    command("suggest", project, "--forget")
    return ""


def cross_validation(client: Client, project: Project) -> str:
    command("cross_validate", project, "--architecture", "random_forest", "--folds", "2")
    return "Dataset 1"


def command(name: str, project: Project, *words: str) -> None:
    call_command(name, project.name, *words, "--as", project.created_by.username, stdout=StringIO())


@pytest.mark.parametrize(
    ("action", "act"),
    [
        ("import_stopped", stopped_import),
        ("export_stopped", export_act("export_stop")),
        ("export_restarted", export_act("export_restart")),
        ("export_deleted", export_act("export_delete")),
        ("run_resumed", resumed_run),
        ("suggestions_forgotten", forgotten_suggestions),
        ("labels_validated", cross_validation),
    ],
)
def test_who_did_it_to_what_is_written_down(client: Client, action: str, act: Any) -> None:
    project = make_project()
    add_images(project, texts(30))
    client.force_login(project.created_by)
    target = act(client, project)
    entry = AuditEntry.objects.get(action=action)
    assert (entry.user, entry.target) == (project.created_by, target)
