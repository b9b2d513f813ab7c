"""Right texts of pictures that were read: they become annotations, which the next training learns from."""

from typing import Any

from django.db import transaction

from labeling.errors import Refused
from labeling.imaging.decode import UnreadableImage, decode_image
from labeling.models import Annotation, Image, ImageStatus, Project
from labeling.models.annotations import AnnotationSource
from labeling.services.annotations import annotate, checked_text
from labeling.services.counts import shift_counts
from labeling.services.images import insert_images, new_image, store_picture
from labeling.services.storable import storable


def correct_picture(*, project: Project, user: Any, name: str, data: bytes, text: str) -> Annotation:
    """Make a picture an image of the project, unless it is one already, and its text an annotation.

    Args:
        data: the encoded picture (PNG, JPEG, ...).

    Raises:
        Refused: the text does not fit the project, or the bytes are no picture.
    """
    # Before anything is stored for a text that cannot be.
    text = checked_text(project, text)
    try:
        decoded = decode_image(data)
    except UnreadableImage as error:
        raise Refused(f"“{name}” cannot be read as a picture. {error}") from None
    fresh = new_image(project=project, name=storable(name[-500:]), data=data, decoded=decoded)
    store_picture(fresh, data)
    with transaction.atomic():
        added = insert_images(project=project, images=[fresh])
        store_picture(fresh, data)
        image: Image = Image.objects.select_related("project").get(project=project, sha256=fresh.sha256)
        shift_counts(project_id=project.pk, changes={ImageStatus.UNLABELLED: len(added)})
        return annotate(image=image, user=user, text=text, source=AnnotationSource.CORRECTION)
