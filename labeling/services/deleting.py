"""Deleting images, with everything that was said about them and their files."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction

from labeling.models import Image, Project
from labeling.services.audit import Action, record
from labeling.services.counts import shift_counts
from labeling.signals import images_go


def delete_images(*, project: Project, user: Any, image_ids: Collection[int]) -> int:
    """Delete images for good; return how many there were. Those that are gone already are passed over.

    Whoever has one of them open hears of it when saving, see `labeling.errors.ImageGone`.
    """
    with transaction.atomic():
        # Whoever brings images takes turns here, too: the same bytes do not come in while they go.
        Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        images = list(project.images.filter(pk__in=image_ids).select_for_update().order_by("id"))
        if not images:
            return 0
        going = [image.pk for image in images]
        images_go.send(Image, project=project, ids=going)
        Image.objects.filter(pk__in=going).delete()
        record(
            project=project,
            user=user,
            action=Action.IMAGES_DELETED,
            target=images[0].name if len(images) == 1 else f"{len(images)} images",
        )
        gone = Counter(image.status for image in images)
        shift_counts(project_id=project.pk, changes={status: -count for status, count in gone.items()})
        transaction.on_commit(lambda: _delete_files(project, images))
    return len(images)


def _delete_files(project: Project, images: Collection[Image]) -> None:
    """Delete the files of deleted images, unless the same bytes are back: those have the same file."""
    files = {image.sha256: str(image.file.name) for image in images}
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).filter(pk=project.pk).first()
        back = set(project.images.filter(sha256__in=files).values_list("sha256", flat=True))
        for sha256, name in files.items():
            if sha256 not in back:
                default_storage.delete(name)
