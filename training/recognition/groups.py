"""Which images must not be torn apart when some are trained on and others measure: near-duplicates."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol

from labeling.imaging.similarity import near_duplicate_groups


class Groupable(Protocol):
    """A labelled image: the SHA-256 (hex) of its bytes, its text, and its 128 bytes of fingerprint, see
    `labeling.imaging.similarity`."""

    @property
    def sha256(self) -> str: ...

    @property
    def text(self) -> str: ...

    @property
    def fingerprint(self) -> bytes: ...


def group_keys(images: Sequence[Groupable]) -> list[str]:
    """A key per image, equal for near-duplicates: the smallest content hash of their group.

    Only images with the same text are compared: others would be label errors, and the search stays small.
    """
    by_text: dict[str, list[int]] = defaultdict(list)
    for index, image in enumerate(images):
        by_text[image.text].append(index)
    keys = [image.sha256 for image in images]
    for indices in by_text.values():
        for group in near_duplicate_groups([images[index].fingerprint for index in indices]):
            key = min(images[indices[member]].sha256 for member in group)
            for member in group:
                keys[indices[member]] = key
    return keys
