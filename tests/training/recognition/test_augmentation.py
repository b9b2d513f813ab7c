import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.training.recognition.drawings import draw_text
from training.recognition.architectures import get_architecture
from training.recognition.augmentation import Augmentation

STRONG = Augmentation.of(get_architecture("slots").parse({}))
COLOUR = np.stack([draw_text("123", np.random.default_rng(seed))[:, :, :3] for seed in range(4)])
GREY = COLOUR[..., :1]
BOUNDS = {
    "shift": 0.5,
    "rotation": 45.0,
    "scale": 0.5,
    "shear": 45.0,
    "warp": 0.3,
    "stroke": 1.0,
    "blur": 0.1,
    "jitter": 0.5,
    "erase": 0.5,
    "brightness": 0.5,
    "noise": 0.5,
}
AUGMENTATIONS = st.builds(Augmentation, **{name: st.floats(0, most) for name, most in BOUNDS.items()})
SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 50), st.integers(1, 70), st.sampled_from((1, 3)))


def changed_by(pictures: NDArray[np.uint8], seed: int = 0, **bounds: float) -> NDArray[np.float32]:
    return Augmentation(**bounds).batch(pictures, np.random.default_rng(seed))


def gradients(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.square(np.diff(pictures, axis=1)).sum((1, 2, 3)) + np.square(np.diff(pictures, axis=2)).sum(
        (1, 2, 3)
    )


@given(shape=SHAPES, bounds=AUGMENTATIONS, seed=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_whatever_the_bounds_shape_type_and_range_are_kept_and_a_seed_decides_all(
    shape: tuple[int, ...], bounds: Augmentation, seed: int
) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    before = pictures.copy()
    first, again = (bounds.batch(pictures, np.random.default_rng(seed)) for _ in range(2))
    assert (first.shape, first.dtype) == (shape, np.float32)
    assert 0 <= first.min() <= first.max() <= 1
    assert np.array_equal(first, again)
    assert np.array_equal(pictures, before)


@given(shape=SHAPES, seed=st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_nothing_changes_where_nothing_is_asked_for(shape: tuple[int, ...], seed: int) -> None:
    pictures = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    np.testing.assert_allclose(changed_by(pictures), pictures / 255, atol=1e-6)


def test_other_seeds_change_otherwise() -> None:
    first, other = (STRONG.batch(GREY, np.random.default_rng(seed)) for seed in (1, 2))
    assert not np.array_equal(first, other)


def test_every_hyper_parameter_of_augmentation_is_taken_over() -> None:
    amounts = {name: most / 2 for name, most in BOUNDS.items()}
    assert Augmentation.of(get_architecture("slots").parse(amounts)) == Augmentation(**amounts)


def test_equal_pictures_of_a_batch_are_changed_differently() -> None:
    for name, most in BOUNDS.items():
        changed = changed_by(np.repeat(COLOUR[:1], 20, axis=0), **{name: most})
        assert np.ptp(changed, axis=0).max() > 0.05, name


def test_a_picture_is_never_mirrored() -> None:
    ramp = np.tile(np.linspace(0, 255, 64).astype(np.uint8)[None, None, :, None], (50, 24, 1, 1))
    ramp = ramp // 2 + np.linspace(0, 127, 24).astype(np.uint8)[None, :, None, None]
    changed = STRONG.batch(ramp, np.random.default_rng(0))
    assert (changed[:, :, -16:].mean(axis=(1, 2, 3)) > changed[:, :, :16].mean(axis=(1, 2, 3))).all()
    assert (changed[:, -6:].mean(axis=(1, 2, 3)) > changed[:, :6].mean(axis=(1, 2, 3))).all()


@pytest.mark.parametrize("name", sorted(set(BOUNDS) - {"jitter", "stroke", "blur"}))
def test_each_change_alone_changes_grey_pictures(name: str) -> None:
    amount = 10.0 if name in ("rotation", "shear") else 0.1
    assert np.abs(changed_by(GREY, **{name: amount}) - GREY / 255).max() > 0.05


def test_a_shift_moves_at_most_as_far_as_allowed() -> None:
    dot = np.zeros((30, 21, 41, 1), np.uint8)
    dot[:, 10, 20] = 255
    _, rows, columns, _ = np.nonzero(changed_by(dot, shift=0.1) > 0.01)
    assert np.abs(rows - 10).max() <= 3
    assert np.abs(columns - 20).max() <= 5
    assert np.abs(columns - 20).max() >= 2


def test_turning_slanting_and_stretching_leave_the_centre_in_its_place() -> None:
    dot = np.zeros((30, 21, 41, 1), np.uint8)
    dot[:, 10, 20] = 255
    changed = changed_by(dot, rotation=20, shear=20, scale=0.2)
    assert (changed[:, 10, 20, 0] == 1).all()


def test_a_rotation_turns_at_most_as_far_as_allowed() -> None:
    line = np.zeros((50, 41, 81, 1), np.uint8)
    line[:, 20, :] = 255
    changed = changed_by(line, rotation=10)
    heights = changed[:, :, -1, 0].argmax(axis=1) - changed[:, :, 0, 0].argmax(axis=1)
    assert np.tan(np.deg2rad(7)) * 80 < np.abs(heights).max() <= np.tan(np.deg2rad(10)) * 80 + 1


def test_a_bend_moves_no_pixel_further_than_its_strength() -> None:
    # The columns' own numbers as grey: a pixel says where it comes from.
    ramp = np.tile(np.arange(100, dtype=np.uint8)[None, None, :, None], (30, 40, 1, 1))
    moved = changed_by(ramp, warp=0.1) * 255 - ramp
    # Cubic interpolation may overshoot its control points.
    assert 2 < np.abs(moved).max() <= 0.1 * 40 * 1.5


def test_blur_takes_away_edges_and_keeps_the_ink() -> None:
    changed = changed_by(GREY, blur=0.05)
    plain = (GREY / 255).astype(np.float32)
    assert (gradients(changed) <= gradients(plain) + 1e-3).all()
    assert (gradients(changed) / gradients(plain)).min() < 0.5
    np.testing.assert_allclose(changed.mean((1, 2, 3)), plain.mean((1, 2, 3)), atol=0.01)


def test_stroke_makes_ink_thicker_in_some_pictures_and_thinner_in_others() -> None:
    pictures = np.repeat(GREY[:1], 40, axis=0)
    darker = (pictures / 255 - changed_by(pictures, stroke=1.0)).mean((1, 2, 3))
    assert (darker > 0.01).sum() > 10
    assert (darker < -0.01).sum() > 10


def test_stroke_changes_the_wanted_share_of_pictures() -> None:
    pictures = np.repeat(GREY[:1], 200, axis=0)
    changed = np.abs(changed_by(pictures, stroke=0.3) - pictures / 255).max((1, 2, 3)) > 0.01
    assert 0.2 < changed.mean() < 0.4


def test_stroke_reaches_no_further_than_a_pixel() -> None:
    dot = np.zeros((30, 9, 9, 1), np.uint8)
    dot[:, 4, 4] = 255
    _, rows, columns, _ = np.nonzero(changed_by(dot, stroke=1.0))
    assert max(np.abs(rows - 4).max(), np.abs(columns - 4).max()) == 1


@given(share=st.floats(0.001, 0.5), shape=SHAPES, seed=st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_erase_hides_at_most_its_share_in_one_rectangle(
    share: float, shape: tuple[int, ...], seed: int
) -> None:
    # Stripes: their mean is unlike every pixel.
    pictures = np.zeros(shape, np.uint8)
    pictures[:, ::2] = 200
    for plain, changed in zip(pictures, changed_by(pictures, seed, erase=share), strict=True):
        hidden = (np.abs(changed - plain / 255) > 1e-4).any(axis=2)
        assert hidden.sum() <= share * hidden.size
        _, _, width, height = cv2.boundingRect(hidden.astype(np.uint8))
        assert hidden.sum() == width * height


def test_erase_fills_with_the_mean_colour_of_the_picture() -> None:
    pictures = np.zeros((20, 40, 40, 3), np.uint8)
    pictures[:, :, 20:] = (200, 100, 50)
    changed = changed_by(pictures, erase=0.3) * 255
    hidden = (np.abs(changed - pictures) > 1).any(axis=3)
    assert hidden.any()
    np.testing.assert_allclose(changed[hidden], np.tile((100, 50, 25), (hidden.sum(), 1)), atol=0.01)


def test_jitter_keeps_grey_grey_and_does_nothing_to_one_channel() -> None:
    np.testing.assert_allclose(changed_by(GREY, jitter=0.5), GREY / 255, atol=1e-6)
    in_three = np.repeat(GREY, 3, axis=3)
    np.testing.assert_allclose(changed_by(in_three, jitter=0.5), in_three / 255, atol=1e-6)


def test_jitter_changes_hue_and_keeps_luma() -> None:
    pictures = np.full((30, 4, 4, 3), (150, 120, 110), np.uint8)
    changed = changed_by(pictures, jitter=0.5) * 255
    assert np.ptp(changed[:, 0, 0], axis=0).min() > 10
    np.testing.assert_allclose(changed @ (0.299, 0.587, 0.114), 127.83, atol=1)


def test_brightness_stays_within_its_bounds() -> None:
    middle = np.full((200, 2, 2, 1), 127, np.uint8)
    changed = changed_by(middle, brightness=0.2)
    assert 0.15 < np.abs(changed - 0.5).max() <= 0.2 + 0.01


def test_noise_has_at_most_its_deviation_and_no_mean() -> None:
    middle = np.full((50, 40, 60, 1), 127, np.uint8)
    deviations = changed_by(middle, noise=0.1).std((1, 2, 3))
    assert 0.08 < deviations.max() < 0.105
    assert abs(changed_by(middle, noise=0.1).mean() - 127 / 255) < 0.005
