"""Images drawn for the comparison, and the list of those that no one can read."""

from benchmarks.accuracy.generators import captchas, six_digits
from benchmarks.accuracy.images import unreadable


def test_the_same_seed_draws_the_same_captchas() -> None:
    one, other = captchas(3, "0123456789", 5, seed=1), captchas(3, "0123456789", 5, seed=1)
    assert [(image.sha256, image.text) for image in one] == [(image.sha256, image.text) for image in other]


def test_another_seed_draws_other_captchas() -> None:
    one, other = captchas(3, "0123456789", 5, seed=1), captchas(3, "0123456789", 5, seed=2)
    assert not {image.sha256 for image in one} & {image.sha256 for image in other}


def test_single_characters_have_the_published_size() -> None:
    assert captchas(1, "abc", 1, seed=1, width=50, height=75)[0].pixels.shape == (75, 50, 4)


def test_six_digits_have_the_published_size() -> None:
    image = six_digits(1, seed=1)[0]
    assert image.pixels.shape == (40, 120, 4)
    assert len(image.text) == 6


def test_the_list_of_unreadable_images_says_what_each_shows() -> None:
    listed = unreadable()
    assert set(listed.values()) == {"notice", "box", "gap", "symbols"}
    assert all(len(digest) == 16 and int(digest, 16) >= 0 for digest in listed)
