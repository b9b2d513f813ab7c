from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.recognition.drawings import draw_many, random_texts, reading_task
from training.recognition.architectures import get_architecture
from training.recognition.coverage import Coverage
from training.recognition.data import build_samples
from training.recognition.fit import BatchProgress, SilentListener, TrainingFailed
from training.recognition.folds import (
    CrossValidation,
    assign_folds,
    cross_validate,
    hold_out,
    out_of_fold_coverage,
)

keys_in_groups = st.lists(st.sampled_from([f"group {number}" for number in range(12)]), max_size=60)


@settings(deadline=None)
@given(keys_in_groups, st.integers(2, 6), st.integers(0, 3))
def test_folds_hold_every_image_once_and_keep_groups_together(keys: list[str], folds: int, seed: int) -> None:
    if len(set(keys)) < folds:
        with pytest.raises(ValueError, match="cannot be dealt"):
            assign_folds(keys, folds, seed)
        return
    fold_of = assign_folds(keys, folds, seed)
    assert set(fold_of) == set(range(folds))
    assert len(set(zip(keys, fold_of, strict=True))) == len(set(keys))


@settings(deadline=None)
@given(st.integers(5, 200), st.integers(2, 5))
def test_folds_of_single_images_differ_by_one_at_most(count: int, folds: int) -> None:
    sizes = Counter(assign_folds([str(number) for number in range(count)], folds)).values()
    assert max(sizes) - min(sizes) <= 1


@settings(deadline=None)
@given(st.permutations([str(number) for number in range(20)]))
def test_folds_do_not_depend_on_the_order_of_the_images(keys: list[str]) -> None:
    expected = dict(
        zip(map(str, range(20)), assign_folds([str(number) for number in range(20)], 4), strict=True)
    )
    assert dict(zip(keys, assign_folds(keys, 4), strict=True)) == expected


def test_another_seed_deals_other_folds() -> None:
    keys = [str(number) for number in range(50)]
    assert assign_folds(keys, 5, seed=0) != assign_folds(keys, 5, seed=1)


@settings(deadline=None)
@given(keys_in_groups, st.floats(0, 0.5))
def test_what_is_held_out_and_the_rest_are_everything_and_share_no_group(
    keys: list[str], share: float
) -> None:
    held_out, rest = hold_out(keys, share, "test")
    assert sorted(held_out + rest) == list(range(len(keys)))
    assert not {keys[index] for index in held_out} & {keys[index] for index in rest}
    assert bool(held_out) == (len(set(keys)) > 1)


def test_about_the_wanted_share_is_held_out() -> None:
    held_out, _ = hold_out([str(number) for number in range(200)], 0.1, "test")
    assert len(held_out) == 20


def test_each_fold_is_judged_at_the_threshold_that_the_others_chose() -> None:
    # The second fold, all right, would accept 0.6 and more: so are both of the first fold's, one of them wrong.
    # The first fold chooses no threshold, so none of the second fold's are.
    confidences, right = [0.8, 0.7, 0.9, 0.6], [False, True, True, True]
    assert out_of_fold_coverage(confidences, right, [0, 0, 1, 1]) == Coverage(0.9, n=4, accepted=2, right=1)


TASK = reading_task("147", (2, 2))
TEXTS = random_texts(72, "147", (2, 2), seed=1)
SAMPLES = build_samples(draw_many(TEXTS, 1), TASK, get_architecture("tiny_vgg"))
KEYS = [str(number) for number in range(len(TEXTS))]


class Recorder(SilentListener):
    def __init__(self) -> None:
        self.batches: list[BatchProgress] = []

    def on_batch(self, progress: BatchProgress) -> None:
        self.batches.append(progress)


def small_cross_validation(
    folder: Path, recorders: dict[int, Recorder], **changes: object
) -> CrossValidation:
    arguments = {
        "task": TASK,
        "architecture": "tiny_vgg",
        "hyperparameters": {"learning_rate": 0.005, "batch_size": 16},
        "samples": SAMPLES,
        "keys": KEYS,
        "folder": folder,
        "folds": 3,
        "max_epochs": 16,
        "listeners": lambda fold: recorders.setdefault(fold, Recorder()),
    }
    return cross_validate(**(arguments | changes))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cross-validation")


@pytest.fixture(scope="module")
def validated(folder: Path) -> CrossValidation:
    return small_cross_validation(folder, {})


def test_every_image_is_read_by_a_reader_that_never_saw_it(validated: CrossValidation) -> None:
    assert validated.texts == tuple(TEXTS)
    assert len(validated.readings) == len(TEXTS)
    assert [fold.whole_string.n for fold in validated.folds] == [24, 24, 24]
    evaluation = validated.evaluation()
    assert evaluation.n == 72
    assert evaluation.right == sum(fold.whole_string.count for fold in validated.folds)
    assert evaluation.whole_string_accuracy > 0.5
    assert evaluation.coverage is not None
    assert evaluation.coverage.n == 72


def test_a_fold_tells_when_its_reader_became_good(validated: CrossValidation) -> None:
    for fold in validated.folds:
        assert fold.seconds > 0
        assert fold.seconds_to_good is None or 0 < fold.seconds_to_good <= fold.seconds


def test_a_finished_cross_validation_is_not_trained_again(validated: CrossValidation, folder: Path) -> None:
    recorders: dict[int, Recorder] = {}
    again = small_cross_validation(folder, recorders)
    assert again.readings == validated.readings
    assert [recorder.batches for recorder in recorders.values()] == [[], [], []]


def test_more_folds_than_images_are_refused(tmp_path: Path) -> None:
    few = SAMPLES.take(range(2))
    with pytest.raises(TrainingFailed, match=r"2 different images.*3 folds.*fewer folds"):
        small_cross_validation(tmp_path, {}, samples=few, keys=KEYS[:2])


def test_a_stopped_reader_ends_the_cross_validation(tmp_path: Path) -> None:
    class Stop(SilentListener):
        def should_stop(self) -> bool:
            return True

    with pytest.raises(TrainingFailed, match="stopped before its end"):
        small_cross_validation(tmp_path, {}, listeners=lambda fold: Stop())
