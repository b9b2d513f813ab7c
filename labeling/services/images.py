"""Turning a decoded file into an image row and its stored picture."""

import hashlib

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from labeling.imaging.decode import DecodedImage
from labeling.imaging.similarity import fingerprint
from labeling.models import Image, Project, image_path


def new_image(*, project: Project, name: str, data: bytes, decoded: DecodedImage) -> Image:
    """Return the unsaved image row of a file; its picture is stored by `store_picture`."""
    sha256 = content_hash(data)
    return Image(
        project=project,
        sha256=sha256,
        file=image_path(project.pk, sha256, decoded.extension),
        name=name.rsplit("/", 1)[-1],
        format=decoded.format,
        width=decoded.width,
        height=decoded.height,
        size=len(data),
        fingerprint=fingerprint(decoded.pixels),
    )


def store_picture(image: Image, data: bytes) -> None:
    """Store an image's bytes. The path is derived from them, so what is there already is the same."""
    path = str(image.file.name)
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(data))


def content_hash(data: bytes) -> str:
    """Return the SHA-256 of bytes as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()
