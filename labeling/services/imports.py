"""Imports as people see them: collecting uploads, queueing, stopping. The work itself is in `import_work`."""

from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.db.models import Max, Sum

from labeling.dispatch import dispatch
from labeling.errors import Refused
from labeling.jobs import JobState
from labeling.models import Import, ImportUpload, LabelSource, Project
from labeling.services.members import is_label_table

MAX_TABLE_BYTES = 32 * 2**20


def create_import(*, project: Project, user: Any, label_source: str, label_table: str = "") -> Import:
    """Open an import that waits for its files.

    Raises:
        Refused: the label source is unknown.
    """
    if label_source not in LabelSource.values:
        raise Refused(f"“{label_source}” is no label source. Choose one of {', '.join(LabelSource.values)}.")
    return Import.objects.create(
        project=project,
        created_by=user,
        label_source=label_source,
        label_table=label_table,
    )


def add_upload(*, import_batch: Import, name: str, file: "File[bytes]") -> ImportUpload | None:
    """Add an uploaded file (an image or an archive) to a draft import.

    Args:
        name: as the user knows it; may be a relative path such as `train/7/x.png`. Never used as a path here.

    Returns:
        The upload, or None where the file was a label table, which is kept with the import instead.

    Raises:
        Refused: the import has started already, or a limit is reached.
    """
    if import_batch.state != JobState.DRAFT:
        raise Refused(f"“{name}” came too late: this import has already started. Put it in a new import.")
    if import_batch.label_source == LabelSource.TABLE and is_label_table(name):
        if (file.size or 0) > MAX_TABLE_BYTES:
            raise Refused(f"“{name}” is larger than {MAX_TABLE_BYTES // 2**20} MB. Split the label table.")
        import_batch.label_table = file.read().decode("utf-8-sig", errors="replace")
        import_batch.save(update_fields=["label_table"])
        return None
    with transaction.atomic():
        Import.objects.select_for_update().get(pk=import_batch.pk)
        so_far = import_batch.uploads.aggregate(bytes=Sum("size"), last=Max("order"))
        size = file.size or 0
        if (so_far["bytes"] or 0) + size > settings.IMPORT_MAX_UPLOAD_BYTES:
            limit = settings.IMPORT_MAX_UPLOAD_BYTES // 2**20
            raise Refused(
                f"“{name}” would take this import over {limit} MB. Start it, then upload the rest in another."
            )
        order = 0 if so_far["last"] is None else so_far["last"] + 1
        if order >= settings.IMPORT_MAX_FILES:
            raise Refused(f"One import takes {settings.IMPORT_MAX_FILES} files. Upload the rest in another.")
        upload = ImportUpload(import_batch=import_batch, order=order, name=name[:500], size=size)
        upload.file.save("upload", file, save=True)
        return upload


def queue_import(*, import_batch: Import, here: bool = False) -> None:
    """Hand an import to a worker.

    Args:
        here: the caller does the work itself, so no message is sent.

    Raises:
        Refused: it has no files, or no label table although its labels should come from one.
    """
    if not import_batch.uploads.exists():
        raise Refused("This import has no files yet. Choose image files, a folder or a zip first.")
    if import_batch.label_source == LabelSource.TABLE and not import_batch.label_table:
        holds_archive = import_batch.uploads.filter(name__iregex=r"\.(zip|tar|tgz|gz|bz2|xz)$").exists()
        if not holds_archive:
            raise Refused(
                "The labels should come from a table, but no CSV or TSV file was uploaded. Add it, then start."
            )
    if import_batch.mark_queued() and not here:
        dispatch("labeling.tasks.run_import", import_batch.pk)


def stop_import(*, import_batch: Import) -> None:
    """Ask for a stop; what is in already stays."""
    Import.objects.filter(pk=import_batch.pk).update(stop_requested=True)
    Import.objects.filter(pk=import_batch.pk, state__in=[JobState.DRAFT, JobState.QUEUED]).update(
        state=JobState.STOPPED
    )
