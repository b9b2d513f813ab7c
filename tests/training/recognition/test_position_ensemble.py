"""The `position_ensemble` architecture: one network per position, trained apart and read as one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.recognition.drawings import draw_many, random_texts, reading_task
from training.recognition.architectures import get_architecture
from training.recognition.architectures.position_ensemble import PositionEnsemble
from training.recognition.data import Samples, build_samples
from training.recognition.export import export_reader
from training.recognition.fit import BatchProgress, EpochMetrics, FitResult, Validated, fit_reader
from training.recognition.reader import Reader
from training.recognition.task import InvalidTask

ENSEMBLE = get_architecture("position_ensemble")
TASK = reading_task("17")


def drawn(count: int, seed: int) -> Samples:
    return build_samples(draw_many(random_texts(count, "17", (2, 2), seed), seed), TASK, ENSEMBLE)


TRAIN, VALIDATION = drawn(32, 1), drawn(16, 2)


class Recorder:
    def __init__(self, stop_in_epoch: int | None = None) -> None:
        self.progress: list[float] = []
        self.epochs: list[int] = []
        self.stop_in_epoch = stop_in_epoch

    def on_batch(self, progress: BatchProgress) -> None:
        self.progress.append(progress.progress)

    def on_epoch(self, metrics: EpochMetrics) -> None:
        self.epochs.append(metrics.epoch)

    def should_stop(self) -> bool:
        return self.stop_in_epoch is not None and len(self.epochs) >= self.stop_in_epoch


def fit(folder: Path, **changes: Any) -> FitResult:
    arguments: dict[str, Any] = {
        "task": TASK,
        "architecture": "position_ensemble",
        "hyperparameters": {"batch_size": 8, "dropout": 0},
        "train": TRAIN,
        "validation": VALIDATION,
        "folder": folder,
        "max_epochs": 2,
    }
    return fit_reader(**(arguments | changes))


def test_one_position_has_619370_weights_at_10_classes() -> None:
    assert isinstance(ENSEMBLE, PositionEnsemble)
    assert ENSEMBLE.part.build(reading_task(lengths=(1, 1)), {}, seed=0).count_params() == 619_370


def test_six_positions_have_six_networks() -> None:
    model = ENSEMBLE.build(reading_task(lengths=(6, 6)), {}, seed=0)
    assert model.count_params() == 6 * 619_370
    assert model.outputs[0].shape[1:] == (6, 10)


def test_a_range_of_lengths_is_refused() -> None:
    with pytest.raises(InvalidTask, match=r"needs a fixed length.*2 to 4"):
        ENSEMBLE.check(reading_task(lengths=(2, 4)))


def test_positions_are_trained_one_after_the_other_and_read_as_one_exported_model(tmp_path: Path) -> None:
    recorder = Recorder()
    told: list[Validated] = []
    result = fit(tmp_path, listener=recorder, max_epochs=15, on_validation=told.append)
    assert recorder.epochs == list(range(1, 31))
    assert [epoch.epoch for epoch in result.history] == recorder.epochs
    assert recorder.progress == sorted(recorder.progress)
    assert recorder.progress[-1] == pytest.approx(1, abs=0.05)
    assert result.best is not None
    assert result.best.whole_string_accuracy >= 0.9
    # What is read shows while positions are trained: of the first alone, then of both, last of all together.
    assert [validated.metrics.epoch for validated in told] == [*range(1, 31), 30]
    first, second, last = told[14], told[15], told[-1]
    assert (first.positions, {len(text) for text in first.readings}) == ([0], {1})
    assert first.truths == [text[0] for text in VALIDATION.texts]
    assert "Position 1 of 2 can be read so far" in first.so_far
    assert (second.positions, second.so_far, {len(text) for text in second.readings}) == (None, "", {2})
    assert [text[0] for text in second.readings] == first.readings
    assert last.metrics == result.best
    assert (last.readings, last.truths) == (told[29].readings, VALIDATION.texts)
    assert last.confidences == pytest.approx(told[29].confidences, abs=1e-5)

    unseen = draw_many(random_texts(12, "17", (2, 2), 5), 5)
    report = export_reader(result.model, tmp_path / "model.onnx", [pixels for pixels, _ in unseen])
    assert report.largest_difference <= 1e-4
    readings = Reader(tmp_path / "model.onnx").read([pixels for pixels, _ in unseen])
    assert [each.text for each in readings].count("") == 0
    assert sum(each.text == text for each, (_, text) in zip(readings, unseen, strict=True)) >= 10


def test_a_position_does_not_depend_on_the_others(tmp_path: Path) -> None:
    mirrored = tuple(text[0] * 2 for text in TRAIN.texts)
    one = fit(tmp_path / "one", max_epochs=1)
    other = fit(tmp_path / "other", max_epochs=1, train=Samples(TRAIN.pictures, mirrored))

    def weights(result: FitResult, position: int) -> np.ndarray:
        return np.concatenate(
            [each.ravel() for each in result.model.network.get_layer(f"position_{position}").get_weights()]
        )

    np.testing.assert_array_equal(weights(one, 1), weights(other, 1))
    assert not np.array_equal(weights(one, 2), weights(other, 2))


def test_a_stopped_ensemble_goes_on_with_the_position_it_was_at(tmp_path: Path) -> None:
    stopped = fit(tmp_path, listener=Recorder(stop_in_epoch=2))
    assert (stopped.ending, stopped.best) == ("stopped", None)
    recorder = Recorder()
    told: list[Validated] = []
    resumed = fit(tmp_path, listener=recorder, on_validation=told.append)
    assert recorder.epochs == [3, 4]
    # The first position, which was trained before, has been read for it.
    assert [(validated.metrics.epoch, validated.positions) for validated in told] == [
        (2, [0]),
        (3, None),
        (4, None),
        (4, None),
    ]
    assert len(resumed.history) == 4
    assert resumed.best is not None
