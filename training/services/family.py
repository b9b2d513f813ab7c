"""The images that tell a model what its family looks like."""

from collections.abc import Iterator

from labeling.imaging.arrays import Pixels
from training.models import DatasetVersion, Split
from training.recognition.family import ENOUGH
from training.services.datasets import decoded_items


def family_pictures(dataset: DatasetVersion) -> Iterator[Pixels]:
    """Yield images (RGBA uint8 (h, w, 4)) to train on and to validate with: all, or ENOUGH of them, spread evenly over
    the dataset version.

    Raises:
        Refused: an image's file is missing or damaged.
    """
    own = dataset.items.filter(split__in=[Split.TRAIN, Split.VALIDATION])
    keys = list(own.order_by("id").values_list("pk", flat=True))
    if len(keys) > ENOUGH:
        keys = [keys[place * len(keys) // ENOUGH] for place in range(ENOUGH)]
    for pixels, _ in decoded_items(own.filter(pk__in=keys)):
        yield pixels
