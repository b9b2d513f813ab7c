from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.recognition.drawings import draw_many, random_texts, reading_task
from training.recognition.architectures import get_architecture
from training.recognition.data import Samples, build_samples
from training.recognition.fit import TrainingFailed
from training.recognition.learning_curve import CurvePoint, learning_curve, nested_subsets

TASK = reading_task("147", (2, 2))


def drawn(count: int, seed: int) -> Samples:
    items = draw_many(random_texts(count, "147", (2, 2), seed), seed)
    return build_samples(items, TASK, get_architecture("tiny_vgg"))


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([f"group {number}" for number in range(30)]), min_size=1, max_size=90),
    st.integers(1, 7),
)
def test_each_subset_holds_the_one_before_and_whole_groups(keys: list[str], points: int) -> None:
    subsets = nested_subsets(keys, points)
    assert subsets[-1] == list(range(len(keys)))
    assert len(subsets) <= points
    for smaller, larger in pairwise(subsets):
        assert set(smaller) < set(larger)
    for subset in subsets:
        inside = {keys[index] for index in subset}
        assert len(subset) == sum(key in inside for key in keys)


def test_subsets_double() -> None:
    keys = [str(number) for number in range(160)]
    assert [len(subset) for subset in nested_subsets(keys, 5)] == [10, 20, 40, 80, 160]


def curve(folder: Path, labels: int, points: int, **changes: Any) -> tuple[CurvePoint, ...]:
    arguments: dict[str, Any] = {
        "task": TASK,
        "architecture": "tiny_vgg",
        "hyperparameters": {"learning_rate": 0.005, "batch_size": 16},
        "samples": drawn(labels, 1),
        "keys": [str(number) for number in range(labels)],
        "test": drawn(30, 2),
        "folder": folder,
        "points": points,
        "max_epochs": 12,
    }
    return learning_curve(**(arguments | changes))


def test_more_labels_read_more(tmp_path: Path) -> None:
    few, many = curve(tmp_path, labels=80, points=2)
    assert (few.labels, many.labels) == (40, 80)
    assert (few.test.n, many.test.n) == (30, 30)
    assert few.test.value < many.test.value


def test_subsets_too_small_to_train_on_are_left_out(tmp_path: Path) -> None:
    # One of the images validates: of 2 or 3 images, fewer than the 3 characters are left to train on.
    points = curve(tmp_path, labels=6, points=3, max_epochs=1)
    assert [point.labels for point in points] == [6]


def test_a_curve_without_test_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingFailed, match="test on"):
        curve(tmp_path, labels=6, points=1, test=drawn(0, 1))
