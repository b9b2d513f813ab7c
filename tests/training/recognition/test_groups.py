from dataclasses import dataclass

from training.recognition.groups import group_keys


@dataclass(frozen=True)
class Labelled:
    sha256: str
    text: str
    fingerprint: bytes


def labelled(sha256: str, text: str, grey: int) -> Labelled:
    return Labelled(sha256, text, bytes([grey]) * 128)


def test_near_duplicates_share_the_smallest_of_their_hashes() -> None:
    images = [labelled("c", "7", 10), labelled("b", "7", 90), labelled("a", "7", 12)]
    assert group_keys(images) == ["a", "b", "a"]


def test_images_with_other_texts_are_never_duplicates() -> None:
    assert group_keys([labelled("b", "7", 10), labelled("a", "8", 10)]) == ["b", "a"]
