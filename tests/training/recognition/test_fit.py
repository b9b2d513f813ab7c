"""Real, small trainings on drawn digits."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.recognition.drawings import SMALL, draw_many, random_texts, reading_task
from training.recognition import architectures
from training.recognition.architectures import get_architecture
from training.recognition.architectures.tiny_vgg import TinyVGG
from training.recognition.data import Samples, build_samples
from training.recognition.fit import (
    BatchProgress,
    EpochMetrics,
    FitResult,
    TrainingFailed,
    Validated,
    fit_reader,
)
from training.recognition.network_fit import COOLING

DIGITS = "147"


class Recorder:
    """Keeps what it hears, and stops the training when asked to."""

    def __init__(self, stop_when: Callable[[Recorder], bool] = lambda recorder: False) -> None:
        self.batches: list[BatchProgress] = []
        self.epochs: list[EpochMetrics] = []
        self.stop_when = stop_when

    def on_batch(self, progress: BatchProgress) -> None:
        self.batches.append(progress)

    def on_epoch(self, metrics: EpochMetrics) -> None:
        self.epochs.append(metrics)

    def should_stop(self) -> bool:
        return self.stop_when(self)


def drawn(count: int, seed: int, lengths: tuple[int, int] = (2, 2), architecture: str = "slots") -> Samples:
    items = draw_many(random_texts(count, DIGITS, lengths, seed), seed)
    hyperparameters = SMALL if architecture == "slots" else {}
    return build_samples(
        items, reading_task(DIGITS, lengths), get_architecture(architecture), hyperparameters
    )


TRAIN, VALIDATION = drawn(96, 1, architecture="tiny_vgg"), drawn(32, 2, architecture="tiny_vgg")
QUICK = {"learning_rate": 0.005}
SLOTS = {
    "architecture": "slots",
    "hyperparameters": SMALL,
    "train": drawn(96, 1),
    "validation": drawn(32, 2),
}


def fit(folder: Path, **changes: Any) -> FitResult:
    """Trains `tiny_vgg`, the quicker one, unless told otherwise: 6 batches an epoch."""
    arguments: dict[str, Any] = {
        "task": reading_task(DIGITS),
        "architecture": "tiny_vgg",
        "hyperparameters": QUICK,
        "train": TRAIN,
        "validation": VALIDATION,
        "folder": folder,
        "max_epochs": 3,
    }
    return fit_reader(**(arguments | changes))


def without_seconds(history: tuple[EpochMetrics, ...]) -> list[dict[str, Any]]:
    return [{**vars(epoch), "seconds": None} for epoch in history]


def test_slots_learns_to_read_images(tmp_path: Path) -> None:
    result = fit(tmp_path, **SLOTS, max_epochs=25)
    assert result.best is not None
    assert result.best.whole_string_accuracy >= 0.9
    assert result.best.training_whole_string_accuracy >= 0.9


def test_tiny_vgg_learns_to_read_slices(tmp_path: Path) -> None:
    result = fit(tmp_path, max_epochs=25)
    assert result.best is not None
    assert result.best.whole_string_accuracy >= 0.9


def test_equal_seeds_train_alike_and_others_do_not(tmp_path: Path) -> None:
    first, again, other = (
        fit(tmp_path / name, **SLOTS, seed=seed, max_epochs=2)
        for name, seed in (("a", 5), ("b", 5), ("c", 6))
    )
    assert without_seconds(first.history) == without_seconds(again.history)
    assert without_seconds(first.history) != without_seconds(other.history)


def test_an_interrupted_training_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    unbroken = fit(tmp_path / "unbroken", **SLOTS, max_epochs=3)
    in_second_epoch = Recorder(lambda recorder: len(recorder.batches) == 9)
    broken = fit(tmp_path / "broken", **SLOTS, max_epochs=3, listener=in_second_epoch)
    assert (broken.ending, len(broken.history)) == ("stopped", 1)
    resumed = fit(tmp_path / "broken", **SLOTS, max_epochs=3)
    assert without_seconds(resumed.history) == without_seconds(unbroken.history)
    for value, expected in zip(
        resumed.model.network.get_weights(), unbroken.model.network.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(value, expected)


def test_a_crash_costs_at_most_the_unfinished_epoch(tmp_path: Path) -> None:
    def crash(recorder: Recorder) -> bool:
        if len(recorder.batches) == 9:
            raise MemoryError("killed")
        return False

    with pytest.raises(MemoryError):
        fit(tmp_path, max_epochs=3, listener=Recorder(crash))
    recorder = Recorder()
    fit(tmp_path, max_epochs=3, listener=recorder)
    assert [metrics.epoch for metrics in recorder.epochs] == [2, 3]


def test_a_resumed_training_goes_on_improving(tmp_path: Path) -> None:
    early = fit(tmp_path, max_epochs=2)
    late = fit(tmp_path, max_epochs=25)
    assert early.best is not None
    assert late.best is not None
    assert late.best.whole_string_accuracy > early.best.whole_string_accuracy
    assert [metrics.epoch for metrics in late.history] == list(range(1, 26))


def test_a_finished_training_is_not_trained_again(tmp_path: Path) -> None:
    first = fit(tmp_path)
    recorder = Recorder()
    again = fit(tmp_path, listener=recorder)
    assert (again.ending, recorder.batches, again.history) == ("finished", [], first.history)


def test_the_returned_weights_are_those_of_the_best_epoch(tmp_path: Path) -> None:
    result = fit(tmp_path, max_epochs=6)
    assert result.best is not None
    result.model.temperature = 1.0
    probabilities = result.model.probabilities(VALIDATION)
    encoded = reading_task(DIGITS).encode_all(VALIDATION.texts)
    loss = -np.log(np.take_along_axis(probabilities, encoded[:, :, None], axis=2)).mean()
    assert loss == pytest.approx(result.best.validation_loss, rel=1e-4)


def test_the_best_epoch_is_the_last_one_that_is_not_clearly_worse(tmp_path: Path) -> None:
    result = fit(tmp_path, max_epochs=12)
    top = max(epoch.whole_string_accuracy for epoch in result.history)
    noise = (top * (1 - top) / len(VALIDATION)) ** 0.5
    close = [epoch for epoch in result.history if epoch.whole_string_accuracy >= top - noise]
    assert result.best == close[-1]


def test_a_training_that_no_longer_improves_is_cut_short_and_ends_at_falling_rates(tmp_path: Path) -> None:
    stuck = {"patience": 6, "learning_rate": 0.3}
    result = fit(tmp_path, hyperparameters=stuck, max_epochs=200)
    cut_after = math.ceil(len(result.history) * (1 - COOLING))
    before, after = result.history[cut_after - 1], result.history[cut_after]
    peak = max(
        result.history[:cut_after], key=lambda epoch: (epoch.whole_string_accuracy, -epoch.validation_loss)
    )
    assert result.ending == "no longer improving"
    assert cut_after - peak.epoch == 6
    assert after.learning_rate < 0.2 * before.learning_rate
    assert result.history[-1].learning_rate < 0.05 * before.learning_rate


def test_a_training_cut_short_goes_on_so_after_an_interruption(tmp_path: Path) -> None:
    stuck = {"patience": 6, "learning_rate": 0.3}
    whole = fit(tmp_path / "whole", hyperparameters=stuck, max_epochs=200)
    last = len(whole.history) - 1
    fit(
        tmp_path / "parts",
        hyperparameters=stuck,
        max_epochs=200,
        listener=Recorder(lambda recorder: len(recorder.epochs) == last),
    )
    resumed = fit(tmp_path / "parts", hyperparameters=stuck, max_epochs=200)
    assert resumed.ending == whole.ending
    assert [each.learning_rate for each in resumed.history] == [each.learning_rate for each in whole.history]


def test_the_stop_flag_ends_a_training_after_the_batch_and_keeps_the_best_so_far(tmp_path: Path) -> None:
    recorder = Recorder(lambda recorder: len(recorder.batches) == 8)
    result = fit(tmp_path, max_epochs=50, listener=recorder)
    assert (result.ending, len(recorder.batches), len(result.history)) == ("stopped", 8, 1)
    assert result.best is not None


def test_a_training_stopped_at_once_has_no_best_epoch(tmp_path: Path) -> None:
    result = fit(tmp_path, listener=Recorder(lambda recorder: True))
    assert (result.ending, result.best, result.history) == ("stopped", None, ())


def test_a_time_limit_is_kept_and_the_schedule_ends_with_it(tmp_path: Path) -> None:
    result = fit(tmp_path, max_epochs=100_000, max_minutes=0.05)
    assert result.ending == "out of time"
    # One step more than allowed, which takes its time on a busy machine; without a limit it would be hours.
    assert 3.0 <= result.seconds < 60.0
    assert result.history[-1].learning_rate < 0.1 * QUICK["learning_rate"]
    assert result.best is not None


def test_progress_is_told_batch_by_batch(tmp_path: Path) -> None:
    recorder = Recorder()
    fit(tmp_path, listener=recorder)
    assert [(told.epoch, told.batch, told.batches) for told in recorder.batches] == [
        (epoch, batch, 6) for epoch in (1, 2, 3) for batch in range(1, 7)
    ]
    assert [told.progress for told in recorder.batches] == pytest.approx([step / 18 for step in range(1, 19)])
    seconds = [told.seconds for told in recorder.batches]
    assert seconds == sorted(seconds)
    assert recorder.batches[-1].seconds_left == 0
    assert all(told.images_per_second > 0 for told in recorder.batches)


def test_another_training_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    fit(tmp_path, max_epochs=1)
    with pytest.raises(TrainingFailed, match="another training"):
        fit(tmp_path, max_epochs=1, seed=9)


def test_a_training_can_begin_with_the_weights_of_another(tmp_path: Path) -> None:
    before = fit(tmp_path / "before", max_epochs=25)
    slowly = {"hyperparameters": {"learning_rate": 1e-6}, "max_epochs": 1}
    further = fit(tmp_path / "further", begin_with=before.model, **slowly)
    anew = fit(tmp_path / "anew", **slowly)
    assert before.best is not None
    assert further.best is not None
    assert anew.best is not None
    assert further.best.whole_string_accuracy >= before.best.whole_string_accuracy - 0.05
    assert anew.best.whole_string_accuracy < 0.5
    with pytest.raises(TrainingFailed, match="another training"):
        fit(tmp_path / "further", begin_with=anew.model, **slowly)


def test_a_damaged_checkpoint_is_explained(tmp_path: Path) -> None:
    fit(tmp_path, max_epochs=1)
    checkpoint = tmp_path / "last.npz"
    checkpoint.write_bytes(checkpoint.read_bytes()[:1000])
    with pytest.raises(TrainingFailed, match=r"last\.npz cannot be read"):
        fit(tmp_path, max_epochs=1)


def test_fewer_images_than_characters_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingFailed, match=r"2 labelled images.*fewer than the 3 characters"):
        fit(tmp_path, train=TRAIN.take([0, 1]))


def test_texts_of_one_single_character_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingFailed, match="consist of '1' alone"):
        fit(tmp_path, train=Samples(TRAIN.pictures[:10], ("11",) * 10))


def test_images_that_all_look_the_same_are_refused(tmp_path: Path) -> None:
    same = Samples(np.repeat(TRAIN.pictures[:1], 10, axis=0), TRAIN.texts[:10])
    with pytest.raises(TrainingFailed, match="look the same"):
        fit(tmp_path, train=same)


def test_a_training_without_validation_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingFailed, match="no labelled image to validate on"):
        fit(tmp_path, validation=VALIDATION.take([]))


class Overflowing(TinyVGG):
    """A network whose logits leave the range of float32."""

    name = "overflowing"

    def build(self, task: Any, hyperparameters: Any, seed: int) -> Any:
        import keras

        network = super().build(task, hyperparameters, seed)
        return keras.Model(network.inputs, keras.ops.exp(1e4 * keras.ops.abs(network.outputs[0])))


def test_a_loss_that_is_not_a_number_ends_with_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(architectures.ARCHITECTURES, "overflowing", Overflowing())
    with pytest.raises(
        TrainingFailed, match=r"infinite or undefined in epoch 1.*smaller learning rate than 0.001"
    ):
        fit(
            tmp_path,
            architecture="overflowing",
            hyperparameters={},
        )


class OverflowingWhenRead(TinyVGG):
    """A network that learns well and reads nonsense, as weights do that the last step of an epoch destroyed."""

    name = "overflowing_when_read"

    def build(self, task: Any, hyperparameters: Any, seed: int) -> Any:
        import keras

        class NonsenseWhenRead(keras.layers.Layer):
            def call(self, logits: Any, training: bool = False) -> Any:
                return logits if training else logits * float("nan")

        network = super().build(task, hyperparameters, seed)
        return keras.Model(network.inputs, NonsenseWhenRead()(network.outputs[0]))


def test_weights_that_read_nonsense_after_an_epoch_end_with_the_same_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(architectures.ARCHITECTURES, "overflowing_when_read", OverflowingWhenRead())
    with pytest.raises(TrainingFailed, match="infinite or undefined in epoch 1"):
        fit(tmp_path, architecture="overflowing_when_read")


def test_images_that_are_blank_after_preparation_are_refused(tmp_path: Path) -> None:
    levels = np.arange(10, dtype=np.uint8).reshape(10, 1, 1, 1, 1)
    blank = Samples(np.zeros_like(TRAIN.pictures[:10]) + levels, TRAIN.texts[:10])
    with pytest.raises(TrainingFailed, match="blank after preparation"):
        fit(tmp_path, train=blank)


def test_what_is_read_in_the_validation_samples_is_told_after_each_epoch(tmp_path: Path) -> None:
    heard: list[Validated] = []
    result = fit(tmp_path, max_epochs=2, on_validation=heard.append)
    assert [each.metrics for each in heard] == list(result.history)
    for each in heard:
        assert each.texts == VALIDATION.texts
        right = [truth == reading for truth, reading in zip(each.texts, each.readings, strict=True)]
        assert np.mean(right) == pytest.approx(each.metrics.whole_string_accuracy)
        assert np.mean(each.losses) == pytest.approx(each.metrics.validation_loss)
        assert all(0 <= confidence <= 1 for confidence in each.confidences)
