"""Exports as people see them: asking for one, stopping and deleting it. The work itself is in `export_work`."""

from collections.abc import Mapping
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.text import slugify

from labeling.dispatch import dispatch
from labeling.errors import Refused
from labeling.jobs import JobState
from labeling.models import Export, Project
from labeling.services.audit import Action, record
from labeling.services.export_formats import format_named
from labeling.services.storage import delete_folder


def create_export(
    *, project: Project, user: Any, format: str, options: Mapping[str, Any] | None = None
) -> Export:
    """Have a worker write a project's images and labels into a file.

    Args:
        options: of the format; what is left out has its usual value.

    Raises:
        Refused: the format or an option is unknown, or there is nothing to export.
    """
    chosen = format_named(format)
    cleaned = chosen.options.cleaned(project, options or {})
    total = chosen.total(project, cleaned)
    with transaction.atomic():
        export = Export.objects.create(
            project=project, created_by=user, format=chosen.name, options=cleaned, total=total
        )
        export.mark_queued()
        record(project=project, user=user, action=Action.EXPORT_MADE, target=chosen.title, detail=cleaned)
    dispatch("labeling.tasks.run_export", export.pk)
    return export


def restart_export(*, export: Export, user: Any = None) -> None:
    """Write an export that was stopped or failed once more, from the start.

    Raises:
        Refused: it is whole already.
    """
    if export.state == JobState.DONE:
        raise Refused("This export is whole already: download it.")
    with transaction.atomic():
        if export.mark_queued():
            _record(export, user, Action.EXPORT_RESTARTED)
            dispatch("labeling.tasks.run_export", export.pk)


def stop_export(*, export: Export, user: Any = None) -> None:
    """Ask for a stop. What is written so far is thrown away: half a file is no use to anybody."""
    rows = Export.objects.filter(pk=export.pk)
    with transaction.atomic():
        rows.update(stop_requested=True)
        rows.filter(state=JobState.QUEUED).update(state=JobState.STOPPED)
        _record(export, user, Action.EXPORT_STOPPED)


def delete_export(*, export: Export, user: Any = None) -> None:
    """Delete an export with its file. A worker that is writing it notices, and drops it."""
    folder = export_folder(export)
    with transaction.atomic():
        _record(export, user, Action.EXPORT_DELETED)
        export.delete()
    delete_folder(default_storage, folder)


def _record(export: Export, user: Any, action: Action) -> None:
    title = format_named(export.format).title
    record(project=export.project, user=user, action=action, target=f"{export}, {title}")


def export_folder(export: Export) -> str:
    """Return where an export's file lies in the storage."""
    return f"projects/{export.project_id}/exports/{export.pk}"


def file_name(export: Export) -> str:
    """Return the name under which people download an export."""
    extension = format_named(export.format).extension(export.options)
    return f"{slugify(export.project.name) or 'project'}-{export.format}-{export.pk}.{extension}"
