"""Imports as people see them: collecting uploads, queueing, stopping. The work itself is in `import_work`."""

import re
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.db.models import Max, Sum

from labeling.dispatch import dispatch
from labeling.errors import Refused
from labeling.formats.readers import JSON_SUFFIXES, TABLE_SUFFIXES
from labeling.imaging.archives import SUFFIXES
from labeling.jobs import JobState
from labeling.models import Import, ImportUpload, LabelSource, Project
from labeling.services.audit import Action, record
from labeling.services.storable import storable

_TABLES_AND_ARCHIVES = (
    rf"({'|'.join(re.escape(suffix) for suffix in (*TABLE_SUFFIXES, *JSON_SUFFIXES, *SUFFIXES))})$"
)


def create_import(*, project: Project, user: Any, label_source: str, keep_splits: bool = True) -> Import:
    """Open an import that waits for its files.

    Args:
        keep_splits: whether images stay in the split that their folder or dataset names.

    Raises:
        Refused: the label source is unknown.
    """
    if label_source not in LabelSource.values:
        raise Refused(f"“{label_source}” is no label source. Choose one of {', '.join(LabelSource.values)}.")
    return Import.objects.create(
        project=project,
        created_by=user,
        label_source=label_source,
        keep_splits=keep_splits,
    )


def add_upload(*, import_batch: Import, name: str, file: "File[bytes]") -> ImportUpload:
    """Add an uploaded file (an image, an archive, or one with labels) to a draft import.

    Args:
        name: as the user knows it; may be a relative path such as `train/7/x.png`. Never used as a path here.

    Raises:
        Refused: the import has started already, or a limit is reached.
    """
    if import_batch.state != JobState.DRAFT:
        raise Refused(f"“{name}” came too late: this import has already started. Put it in a new import.")
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
        upload = ImportUpload(import_batch=import_batch, order=order, name=storable(name[:500]), size=size)
        upload.file.save("upload", file, save=True)
        return upload


def queue_import(*, import_batch: Import, here: bool = False) -> None:
    """Hand an import to a worker.

    Args:
        here: the caller does the work itself, so no message is sent.

    Raises:
        Refused: it has no files, or no table although its labels should come from one.
    """
    files = import_batch.uploads
    if not files.exists():
        raise Refused("This import has no files yet. Choose image files, a folder or a zip first.")
    if (
        import_batch.label_source == LabelSource.TABLE
        and not files.filter(name__iregex=_TABLES_AND_ARCHIVES).exists()
    ):
        raise Refused(
            "The labels should come from a table, but no CSV, TSV or JSON file was uploaded. Add it, then start."
        )
    with transaction.atomic():
        if not import_batch.mark_queued():
            return
        record(
            project=import_batch.project,
            user=import_batch.created_by,
            action=Action.IMPORT_STARTED,
            target=str(import_batch),
            detail={"files": files.count(), "label_source": import_batch.label_source},
        )
    if not here:
        dispatch("labeling.tasks.run_import", import_batch.pk)


def stop_import(*, import_batch: Import, user: Any = None) -> None:
    """Ask for a stop; what is in already stays."""
    rows = Import.objects.filter(pk=import_batch.pk)
    with transaction.atomic():
        rows.update(stop_requested=True)
        rows.filter(state__in=[JobState.DRAFT, JobState.QUEUED]).update(state=JobState.STOPPED)
        record(
            project=import_batch.project, user=user, action=Action.IMPORT_STOPPED, target=str(import_batch)
        )
