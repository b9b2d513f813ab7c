from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from labeling.imaging.arrays import Pixels
from tests.training.recognition.drawings import (
    GREY_IN_EQUAL_PARTS,
    SMALL,
    draw_many,
    random_texts,
    reading_task,
)
from training.recognition.architectures import get_architecture
from training.recognition.data import build_pictures, build_samples, network_inputs, open_samples
from training.recognition.task import TextDoesNotFit

SLOTS, TINY_VGG = get_architecture("slots"), get_architecture("tiny_vgg")


def test_whole_images_become_one_part_each() -> None:
    samples = build_samples(draw_many(["12", "34", "56"]), reading_task(), SLOTS, SMALL)
    assert samples.pictures.shape == (3, 1, 16, 32, 1)
    assert samples.texts == ("12", "34", "56")


def test_slices_become_one_part_per_character() -> None:
    samples = build_samples(draw_many(["12", "34"]), reading_task(), TINY_VGG)
    assert (samples.pictures.shape, samples.parts) == ((2, 2, 30, 32, 3), 2)


def test_a_slice_shows_its_own_part_of_the_image() -> None:
    pixels = np.full((30, 64, 4), 255, np.uint8)
    pixels[:, 32:, :3] = 0
    left, right = network_inputs(pixels, reading_task(), get_architecture("tiny_vgg"), (30, 32, 3))
    assert (left.min(), right.max()) == (1.0, 0.0)


def test_grey_is_repeated_where_a_network_wants_colour() -> None:
    samples = build_samples(draw_many(["12"]), reading_task(), TINY_VGG)
    assert np.array_equal(samples.pictures[..., 0], samples.pictures[..., 2])


def test_colour_becomes_its_luma_where_a_network_wants_grey() -> None:
    colour = {**GREY_IN_EQUAL_PARTS, "steps": [{"step": "channel", "channel": "colour"}]}
    pixels = np.array([[[255, 0, 0, 255], [0, 0, 255, 255]]], np.uint8)
    left, right = network_inputs(
        pixels, reading_task(recipe=colour), get_architecture("tiny_vgg"), (1, 1, 1)
    ).flatten()
    assert (left, right) == (pytest.approx(0.299), pytest.approx(0.114))


def test_a_cache_on_disk_equals_the_samples_in_memory(tmp_path: Path) -> None:
    items = draw_many(["12", "34", "56"])
    in_memory = build_samples(items, reading_task(), SLOTS, SMALL)
    build_samples(items, reading_task(), SLOTS, SMALL, folder=tmp_path)
    opened = open_samples(tmp_path)
    assert isinstance(opened.pictures, np.memmap)
    assert np.array_equal(opened.pictures, in_memory.pictures)
    assert opened.texts == in_memory.texts


def test_an_interrupted_cache_does_not_count_as_one(tmp_path: Path) -> None:
    def interrupted():
        yield from draw_many(["12"])
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk is full"):
        build_samples(interrupted(), reading_task(), SLOTS, SMALL, folder=tmp_path)
    with pytest.raises(FileNotFoundError):
        open_samples(tmp_path)


def test_an_empty_cache_can_be_opened(tmp_path: Path) -> None:
    build_samples([], reading_task(), SLOTS, SMALL, folder=tmp_path)
    assert len(open_samples(tmp_path)) == 0


def test_pictures_without_labels_are_prepared_as_samples_are(tmp_path: Path) -> None:
    drawn = draw_many(["12", "34", "56"])
    expected = build_samples(drawn, reading_task(), TINY_VGG).pictures
    pixels = [each for each, _ in drawn]
    assert (build_pictures(pixels, reading_task(), TINY_VGG) == expected).all()
    build_pictures(pixels, reading_task(), TINY_VGG, folder=tmp_path)
    kept = open_samples(tmp_path)
    assert (kept.pictures == expected).all()
    assert kept.texts == ("", "", "")
    assert build_pictures([], reading_task(), SLOTS, SMALL).shape == (0, 1, 16, 32, 1)


def test_a_label_longer_than_the_head_is_refused() -> None:
    with pytest.raises(TextDoesNotFit, match="'123' has 3 characters"):
        build_samples(draw_many(["123"]), reading_task(), SLOTS, SMALL)


def test_a_single_character_needs_no_slicing() -> None:
    whole = {**GREY_IN_EQUAL_PARTS, "slicing": {"slicing": "none"}}
    task = reading_task(lengths=(1, 1), recipe=whole)
    assert build_samples(draw_many(["7"]), task, TINY_VGG).pictures.shape == (1, 1, 30, 32, 3)


def test_chosen_samples_keep_their_texts() -> None:
    samples = build_samples(draw_many(["12", "34", "56"]), reading_task(), SLOTS, SMALL)
    chosen = samples.take([2, 0])
    assert chosen.texts == ("56", "12")
    assert np.array_equal(chosen.pictures[1], samples.pictures[0])


def test_two_writers_of_the_same_samples_do_not_disturb_each_other(tmp_path: Path) -> None:
    items = draw_many(random_texts(12, "147", (2, 2)))

    def interrupted() -> Iterator[tuple[Pixels, str]]:
        yield from items[:5]
        build_samples(items, reading_task(), get_architecture("tiny_vgg"), folder=tmp_path)
        yield from items[5:]

    late = build_samples(interrupted(), reading_task(), get_architecture("tiny_vgg"), folder=tmp_path)
    expected = build_samples(items, reading_task(), get_architecture("tiny_vgg"))
    assert late.texts == expected.texts
    np.testing.assert_array_equal(late.pictures, expected.pictures)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["pictures.uint8", "samples.json"]
