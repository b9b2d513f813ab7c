"""Gold images: their texts are beyond doubt, so the queue hands them out to see how well people read."""

from typing import Any

from django.db import transaction

from labeling.errors import Refused
from labeling.models import Doubt, Image, ImageStatus
from labeling.services.audit import Action, record
from labeling.services.settling import locked_image


def set_gold(*, image: Image, user: Any, is_gold: bool) -> Image:
    """Choose an image as gold, or let it be one like any other again; return the row as it is now.

    Raises:
        Refused: it has no agreed text to compare with, or is gone.
    """
    with transaction.atomic():
        image = locked_image(image.pk)
        if is_gold and image.status != ImageStatus.LABELLED:
            raise Refused(f"“{image.name}” has no agreed text yet. Give it one, then make it gold.")
        if image.is_gold != is_gold:
            image.is_gold = is_gold
            image.save(update_fields=["is_gold"])
            Doubt.objects.filter(image=image).delete()
            record(
                project=image.project,
                user=user,
                action=Action.GOLD_SET,
                target=image.name,
                detail={"image": image.pk, "gold": is_gold},
            )
    return image
