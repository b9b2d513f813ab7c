import numpy as np
import pytest

from tests.training.recognition.drawings import draw_text
from training.recognition.architectures import get_architecture
from training.recognition.augmentation import Augmentation

STRONG = Augmentation.of(get_architecture("slots").parse({}))
GREY = np.stack([draw_text("123", np.random.default_rng(seed))[:, :, :1] for seed in range(4)])


def test_nothing_changes_where_nothing_is_asked_for() -> None:
    changed = Augmentation().batch(GREY, np.random.default_rng(0))
    np.testing.assert_allclose(changed, GREY / 255, atol=1e-6)


def test_equal_seeds_change_alike_and_others_do_not() -> None:
    first, again, other = (STRONG.batch(GREY, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("channels", [1, 3])
def test_shape_and_range_are_kept(channels: int) -> None:
    pictures = np.repeat(GREY, channels, axis=3)
    changed = STRONG.batch(pictures, np.random.default_rng(0))
    assert (changed.shape, changed.dtype) == (pictures.shape, np.float32)
    assert 0 <= changed.min() <= changed.max() <= 1


def test_a_picture_is_never_mirrored() -> None:
    ramp = np.tile(np.linspace(0, 255, 64).astype(np.uint8)[None, None, :, None], (50, 24, 1, 1))
    ramp = ramp // 2 + np.linspace(0, 127, 24).astype(np.uint8)[None, :, None, None]
    changed = STRONG.batch(ramp, np.random.default_rng(0))
    assert (changed[:, :, -16:].mean(axis=(1, 2, 3)) > changed[:, :, :16].mean(axis=(1, 2, 3))).all()
    assert (changed[:, -6:].mean(axis=(1, 2, 3)) > changed[:, :6].mean(axis=(1, 2, 3))).all()


@pytest.mark.parametrize("name", ["shift", "rotation", "scale", "shear", "warp", "brightness", "noise"])
def test_each_change_alone_changes_the_pictures(name: str) -> None:
    amount = 10.0 if name in ("rotation", "shear") else 0.1
    changed = Augmentation(**{name: amount}).batch(GREY, np.random.default_rng(0))
    assert np.abs(changed - GREY / 255).max() > 0.05


def test_a_shift_moves_at_most_as_far_as_allowed() -> None:
    dot = np.zeros((30, 21, 41, 1), np.uint8)
    dot[:, 10, 20] = 255
    changed = Augmentation(shift=0.1).batch(dot, np.random.default_rng(0))
    _, rows, columns, _ = np.nonzero(changed > 0.01)
    assert np.abs(rows - 10).max() <= 3
    assert np.abs(columns - 20).max() <= 5
    assert np.abs(columns - 20).max() >= 2
