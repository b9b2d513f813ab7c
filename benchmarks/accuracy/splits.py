"""Parts of an image set by content: by hash, never by position, and near-duplicates never apart."""

from collections.abc import Sequence

from benchmarks.accuracy.images import Labelled
from training.recognition.groups import group_keys

VALIDATION_SHARE = 10
"""One image in so many validates a training."""

LARGEST_VALIDATION = 1000


def hold_out(images: Sequence[Labelled], part: int, parts: int) -> tuple[list[Labelled], list[Labelled]]:
    """The images outside of one of `parts` parts, and those inside."""
    inside = [int(key[:8], 16) % parts == part for key in group_keys(images)]
    pairs = list(zip(images, inside, strict=True))
    return [image for image, held in pairs if not held], [image for image, held in pairs if held]


def training_and_validation(images: Sequence[Labelled]) -> tuple[list[Labelled], list[Labelled]]:
    """About a tenth of the images to validate on, at most 1,000, and the others to train on."""
    keys = group_keys(images)
    # Other digits of the hash than `hold_out` uses, so that the two choices have nothing to do with each other.
    places = sorted(range(len(images)), key=lambda index: keys[index][8:])
    wanted = min(len(images) // VALIDATION_SHARE, LARGEST_VALIDATION)
    last = keys[places[wanted - 1]][8:] if wanted else ""
    validates = [key[8:] <= last for key in keys]
    pairs = list(zip(images, validates, strict=True))
    return [image for image, held in pairs if not held], [image for image, held in pairs if held]
