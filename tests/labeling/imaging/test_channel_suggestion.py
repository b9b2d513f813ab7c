"""Which channel carries the text."""

import numpy as np
import pytest

from labeling.imaging.arrays import Pixels
from labeling.imaging.channel_suggestion import MIN_IMAGES, suggest_channel
from tests.labeling.imaging.pictures import solid, written

WHITE = (255, 255, 255, 255)


def images(*texts: tuple[int, ...], ground: tuple[int, ...] = WHITE, count: int = 20) -> list[Pixels]:
    """Images of a word whose letters have the given RGBA colours, on a ground of one colour, with some noise."""
    random = np.random.default_rng(3)
    drawn = []
    for _ in range(count):
        pixels = np.full((40, 200, 4), ground, np.float64)
        for index, text in enumerate(texts):
            letter = "ABCEH"[random.integers(5)]
            ink = 1 - written({10 + 35 * index: letter}).astype(np.float64)
            pixels = pixels * (1 - ink) + np.array(text) * ink
        pixels[:, :, :3] += random.normal(0, 2, (40, 200, 3))
        drawn.append(np.rint(pixels).clip(0, 255).astype(np.uint8))
    return drawn


def test_dark_on_light_is_read_in_grey() -> None:
    assert suggest_channel(images((20, 20, 20, 255), (60, 50, 70, 255)))[0] == "grey"


def test_a_channel_that_shows_the_text_clearly_better_is_preferred_with_its_reason() -> None:
    # White on yellow: hardly any difference but in blue.
    channel, reason = suggest_channel(images((255, 255, 255, 255), ground=(250, 220, 0, 255)))
    assert channel == "blue"
    assert reason.startswith("Blue: the faintest edges of the text have ")


def test_colour_is_preferred_where_each_character_shows_in_another_channel() -> None:
    pale = [(250, 250, 120, 255), (120, 250, 250, 255), (250, 120, 250, 255)]
    channel, reason = suggest_channel(images(*pale))
    assert channel == "colour"
    assert "hue more than lightness" in reason


def test_text_that_is_in_the_transparency_alone_is_read_in_alpha() -> None:
    channel, reason = suggest_channel(images((255, 255, 255, 255), ground=(255, 255, 255, 0)))
    assert channel == "alpha"
    assert "transparency" in reason


def test_dark_text_on_a_transparent_ground_needs_no_alpha() -> None:
    assert suggest_channel(images((10, 10, 10, 255), ground=(0, 0, 0, 0)))[0] == "grey"


def test_flat_images_are_read_in_grey() -> None:
    channel, reason = suggest_channel([solid(200, 10, 10)] * MIN_IMAGES)
    assert channel == "grey"
    assert "flat" in reason


@pytest.mark.parametrize("count", [0, 1, MIN_IMAGES - 1])
def test_a_few_images_are_too_few_to_leave_grey(count: int) -> None:
    channel, reason = suggest_channel(images((255, 255, 255, 255), ground=(250, 220, 0, 255), count=count))
    assert channel == "grey"
    assert f"{count} images are too few" in reason
