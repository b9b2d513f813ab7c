"""Parts of an image set."""

import numpy as np

from benchmarks.accuracy.images import Labelled
from benchmarks.accuracy.splits import hold_out, training_and_validation


def noise(count: int, seed: int = 0) -> list[Labelled]:
    random = np.random.default_rng(seed)
    return [
        Labelled(random.integers(0, 256, (16, 32, 4), np.uint8), f"text {number}") for number in range(count)
    ]


IMAGES = noise(200)


def test_every_image_is_tested_in_exactly_one_fold() -> None:
    tested = [image.text for fold in range(5) for image in hold_out(IMAGES, fold, 5)[1]]
    assert sorted(tested) == sorted(image.text for image in IMAGES)


def test_no_image_is_both_trained_on_and_tested() -> None:
    training, test = hold_out(IMAGES, 2, 5)
    assert len(training) + len(test) == len(IMAGES)
    assert not {image.text for image in training} & {image.text for image in test}


def test_the_order_of_the_images_does_not_change_a_split() -> None:
    forwards, backwards = hold_out(IMAGES, 0, 5)[1], hold_out(IMAGES[::-1], 0, 5)[1]
    assert {image.text for image in forwards} == {image.text for image in backwards}


def test_near_duplicates_of_one_text_stay_together() -> None:
    twins = [Labelled(np.clip(image.pixels, 1, None), image.text) for image in IMAGES]
    training, test = hold_out([*IMAGES, *twins], 0, 5)
    assert not {image.text for image in training} & {image.text for image in test}


def test_a_tenth_validates() -> None:
    training, validation = training_and_validation(IMAGES)
    assert (len(training), len(validation)) == (180, 20)
