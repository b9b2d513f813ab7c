"""Turning a decoded file into an image row and its stored picture."""

import hashlib
from collections.abc import Collection

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


def insert_images(*, project: Project, images: Collection[Image]) -> list[Image]:
    """Insert the rows whose bytes are new to the project; return them. Call inside of a transaction.

    Whoever brings images takes turns at the project's row, so that the same bytes brought twice at one moment are one
    image. The caller adds the new ones to the counts, last of all: see `labeling.services.counts`.
    """
    if not images:
        return []
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    hashes = [image.sha256 for image in images]
    known = set(project.images.filter(sha256__in=hashes).values_list("sha256", flat=True))
    return Image.objects.bulk_create([image for image in images if image.sha256 not in known])


def store_picture(image: Image, data: bytes) -> None:
    """Store an image's bytes. The path is derived from them, so what is there already is the same."""
    path = str(image.file.name)
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(data))


def content_hash(data: bytes) -> str:
    """Return the SHA-256 of bytes as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()
