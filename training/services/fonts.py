"""The fonts of a project: those that people bring, and all that its texts can be drawn in."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from labeling.errors import Refused
from labeling.models import Project
from labeling.services.audit import Action, record
from labeling.services.storable import storable
from training.leftovers import fonts_folder
from training.models import UploadedFont
from training.recognition.synthesis.font_files import check_font
from training.recognition.synthesis.fonts import Font, find_fonts
from training.recognition.synthesis.typefaces import UnusableFont

MAX_FONTS = 100
"""Of a project."""


def upload_font(*, project: Project, user: Any, file_name: str, data: bytes) -> UploadedFont:
    """Keep a font for the project's texts.

    Raises:
        Refused: it is no font that can be drawn with, it is here already, or there are too many.
    """
    file_name = storable(file_name)[:100]
    try:
        found = check_font(data, file_name, project.alphabet)
    except UnusableFont as error:
        raise Refused(str(error)) from error
    row = UploadedFont(
        project=project,
        name=storable(found.name)[:200],
        extension=found.extension,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        created_by=user,
    )
    with transaction.atomic():
        # Whoever else uploads takes turns, so that names stay single and the number is kept.
        Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        fonts = UploadedFont.objects.filter(project=project)
        if fonts.count() >= MAX_FONTS:
            raise Refused(f"“{project.name}” has {MAX_FONTS} fonts, the most there can be. Delete one first.")
        if fonts.filter(sha256=row.sha256).exists():
            raise Refused(f"{file_name} is here already: it is {row.name}.")
        if fonts.filter(name=row.name).exists():
            raise Refused(
                f"{file_name} calls itself {row.name}, and a font of that name is here. Delete that one first."
            )
        row.save()
        record(
            project=project,
            user=user,
            action=Action.FONT_UPLOADED,
            target=row.name,
            detail={"sha256": row.sha256},
        )
        default_storage.save(row.path, ContentFile(data))
    return row


def delete_font(*, font: UploadedFont, user: Any) -> None:
    """Forget a font. What was drawn with it stays; styles that name it need another one."""
    with transaction.atomic():
        record(
            project=font.project,
            user=user,
            action=Action.FONT_DELETED,
            target=font.name,
            detail={"sha256": font.sha256},
        )
        project, path, sha256 = font.project, font.path, font.sha256
        font.delete()

        def delete_file() -> None:
            if not UploadedFont.objects.filter(project=project, sha256=sha256).exists():
                default_storage.delete(path)

        transaction.on_commit(delete_file)


def project_fonts(project: Project) -> list[Font]:
    """Return every font that the project's texts can be drawn in on this machine: uploaded and found here.

    Uploaded ones are copied from the storage where this machine has them not yet.
    """
    folder = fonts_folder(project.pk)
    wanted = {row.file_name: row for row in UploadedFont.objects.filter(project=project)}
    present = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    for name in present - set(wanted):
        (folder / name).unlink(missing_ok=True)
    for name in set(wanted) - present:
        _fetch(wanted[name], folder)
    return find_fonts(folder)


def uploaded_font(row: UploadedFont) -> Path:
    """Return this machine's copy of an uploaded font.

    Raises:
        FileNotFoundError: it is missing from the storage.
    """
    path = fonts_folder(row.project_id) / row.file_name
    return path if path.exists() else _fetch(row, path.parent)


def _fetch(row: UploadedFont, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with (
        default_storage.open(row.path, "rb") as stored,
        tempfile.NamedTemporaryFile(dir=folder.parent, delete=False) as file,
    ):
        file.write(stored.read())
    # All or nothing, whoever else fetches it at the same time.
    os.replace(file.name, folder / row.file_name)
    return folder / row.file_name
