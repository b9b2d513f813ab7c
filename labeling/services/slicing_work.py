"""Cutting the slices of every image, on a `prepare` worker."""

import time

from django.db import transaction

from labeling.dispatch import dispatch, others_wait
from labeling.errors import ImageGone
from labeling.imaging.decode import decode_image
from labeling.imaging.recipe import InvalidRecipe
from labeling.jobs import JobState, work_on
from labeling.models import Image, Preparation, Slice
from labeling.services.images import stored_bytes
from labeling.services.import_work import BATCH, TURN_SECONDS
from labeling.services.preparations import expected_length
from labeling.services.settling import locked_images


def run_slicing(pk: int) -> None:
    """Slice a project's images until all are done, or until others should have their turn."""
    rows = Preparation.objects.select_related("project")
    work_on(
        rows,
        pk,
        _work,
        lambda row, error: f"Slicing stopped after {row.done} images: {error}",
    )


def _work(row: Preparation) -> None:
    images = row.project.images.order_by("id")
    row.beat(total=images.count())
    last = row.slices.order_by("-image_id").values_list("image_id", flat=True).first() or 0
    turn_ends = time.monotonic() + TURN_SECONDS
    while batch := list(images.filter(pk__gt=last)[:BATCH]):
        slices = [piece for image in batch for piece in _slices(row, image)]
        with transaction.atomic():
            there = set(locked_images([image.pk for image in batch]).values_list("pk", flat=True))
            Slice.objects.bulk_create(piece for piece in slices if piece.image_id in there)
            row.beat(done=min(row.total, row.done + len(batch)))
        last = batch[-1].pk
        if row.project.preparations.filter(version__gt=row.version).exists():
            # Someone applied a newer recipe meanwhile: these slices would never be looked at.
            row.finish(JobState.STOPPED)
            return
        if time.monotonic() > turn_ends:
            if others_wait():
                row.hand_back()
                dispatch("labeling.tasks.run_slicing", row.pk)
                return
            turn_ends = time.monotonic() + TURN_SECONDS
    row.finish(JobState.DONE)


def _slices(row: Preparation, image: Image) -> list[Slice]:
    length = expected_length(row.project, image)
    try:
        data = stored_bytes(image)
    except ImageGone:
        return []
    picture = row.recipe.prepare(decode_image(data).pixels)
    try:
        boxes = row.recipe.boxes(picture, length)
    except InvalidRecipe:
        # Equal parts of an unlabelled image of unknown length: there is nothing to cut yet.
        return []
    return [
        Slice(
            preparation=row, image=image, position=position,
            left=box.left, top=box.top, right=box.right, bottom=box.bottom,
        )
        for position, box in enumerate(boxes)
    ]  # fmt: skip
