"""Turning a decoded file into an image row and its stored picture, and reading that again."""

import hashlib
from collections.abc import Collection

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from labeling.errors import ImageGone, Refused
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

    Whoever brings or deletes images takes turns at the project's row, so that the same bytes brought twice at one
    moment are one image. The caller adds the new ones to the counts, last of all: see `labeling.services.counts`.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    hashes = [image.sha256 for image in images]
    known = set(project.images.filter(sha256__in=hashes).values_list("sha256", flat=True))
    return Image.objects.bulk_create([image for image in images if image.sha256 not in known])


def store_picture(image: Image, data: bytes) -> bool:
    """Store an image's bytes; return whether they were new to the storage.

    The path is derived from them, so what is there already is the same. It may be about to go with a deleted image:
    then look again where `insert_images` has its turn at the project, as nobody deletes meanwhile.
    """
    path = str(image.file.name)
    if default_storage.exists(path):
        return False
    default_storage.save(path, ContentFile(data))
    return True


def stored_bytes(image: Image) -> bytes:
    """Return the bytes of an image.

    Raises:
        ImageGone: it was deleted meanwhile.
        Refused: its file is missing from the storage.
    """
    try:
        with image.file.open("rb") as file:
            data: bytes = file.read()
    except FileNotFoundError:
        if not Image.objects.filter(pk=image.pk).exists():
            raise ImageGone(
                f"“{image.name}” was deleted this very moment. Try again: it is left out then."
            ) from None
        raise Refused(
            f"The file of “{image.name}” is missing from the storage: restore it, then try again."
        ) from None
    return data


def content_hash(data: bytes) -> str:
    """Return the SHA-256 of bytes as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()
