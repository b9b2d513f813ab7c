"""The `random_forest` baseline, grown, exported and read like any network."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.training.recognition.drawings import draw_many, random_texts, reading_task
from training.recognition import forest_fit
from training.recognition.architectures import InvalidHyperparameters, get_architecture
from training.recognition.data import build_samples
from training.recognition.export import export_reader
from training.recognition.fit import (
    BatchProgress,
    FitListener,
    FitResult,
    SilentListener,
    Validated,
    fit_reader,
)
from training.recognition.forest_fit import TrainedForest
from training.recognition.metrics import count_right
from training.recognition.reader import Reader

FOREST = get_architecture("random_forest")
UNSEEN = draw_many(random_texts(30, "147", (2, 2), 9), 9)


def grown(
    folder: Path,
    alphabet: str = "147",
    letters: str = "147",
    on_validation: Callable[[Validated], None] | None = None,
    listener: FitListener | None = None,
    max_minutes: float | None = None,
    **hyperparameters: float,
) -> FitResult:
    task = reading_task(alphabet)
    train, validation = (
        build_samples(draw_many(random_texts(n, letters, (2, 2), n), n), task, FOREST) for n in (150, 20)
    )
    return fit_reader(
        task=task, architecture="random_forest", hyperparameters={"trees": 40, **hyperparameters},
        train=train, validation=validation, folder=folder, on_validation=on_validation,
        listener=listener, max_minutes=max_minutes,
    )  # fmt: skip


def test_a_forest_reads_slices_and_its_exported_file_reads_alike(tmp_path: Path) -> None:
    result = grown(tmp_path)
    assert result.best is not None
    assert result.best.whole_string_accuracy >= 0.8
    pixels = [each for each, _ in UNSEEN]
    report = export_reader(result.model, tmp_path / "model.onnx", pixels)
    assert report.largest_difference <= FOREST.export_tolerance
    readings = Reader(tmp_path / "model.onnx").read(pixels)
    right = sum(each.text == text for each, (_, text) in zip(readings, UNSEEN, strict=True))
    assert right >= 24


def test_what_a_grown_forest_reads_in_its_validation_images_is_told(tmp_path: Path) -> None:
    told: list[Validated] = []
    result = grown(tmp_path, on_validation=told.append)
    [validated] = told
    assert validated.metrics == result.best
    assert len(validated.texts) == len(validated.readings) == len(validated.losses) == 20
    assert count_right(validated.texts, validated.readings) / 20 == validated.metrics.whole_string_accuracy
    assert sum(validated.losses) / 20 == pytest.approx(validated.metrics.validation_loss)


class Watcher(SilentListener):
    """Notes the batches of a training; stops it behind some."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.batches: list[BatchProgress] = []
        self._stop_after = stop_after

    def on_batch(self, progress: BatchProgress) -> None:
        self.batches.append(progress)

    def should_stop(self) -> bool:
        return len(self.batches) == self._stop_after


def test_a_forest_tells_how_far_it_has_grown(tmp_path: Path) -> None:
    watcher = Watcher()
    grown(tmp_path, trees=50, listener=watcher)
    assert [batch.batch for batch in watcher.batches] == list(range(1, 21))
    assert {batch.batches for batch in watcher.batches} == {20}
    assert watcher.batches[-1].progress == 1
    assert watcher.batches[-1].seconds_left == 0
    assert all(batch.images_per_second > 0 for batch in watcher.batches)


def test_what_the_trees_so_far_read_is_told_while_others_grow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Small as it is, its looks would have to wait until it has long been grown.
    monkeypatch.setattr(forest_fit, "LOOK_SHARE", 1000.0)
    told: list[Validated] = []
    result = grown(tmp_path, on_validation=told.append)
    assert [one.so_far for one in told[:2]] == [
        "The first 2 of 40 trees read so far.",
        "The first 4 of 40 trees read so far.",
    ]
    assert [one.metrics.epoch for one in told] == [0] * 19 + [1]
    assert {len(one.readings) for one in told} == {20}
    assert (told[-1].metrics, told[-1].so_far) == (result.best, "")


def test_a_look_that_would_cost_more_than_its_share_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forest_fit, "FIRST_LOOK_SECONDS", 1e9)
    told: list[Validated] = []
    result = grown(tmp_path, on_validation=told.append)
    assert [one.metrics for one in told] == [result.best]


def test_a_forest_grown_in_steps_is_the_one_that_grows_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = build_samples(UNSEEN, reading_task("147"), FOREST)
    in_steps = grown(tmp_path / "steps").model.logits(samples)
    monkeypatch.setattr(forest_fit, "STEPS", 1)
    np.testing.assert_array_equal(in_steps, grown(tmp_path / "once").model.logits(samples))


def test_a_stopped_forest_keeps_the_trees_that_it_has(tmp_path: Path) -> None:
    result = grown(tmp_path, listener=Watcher(stop_after=5))
    assert result.ending == "stopped"
    assert isinstance(result.model, TrainedForest)
    assert len(result.model.forest.estimators_) == 10
    assert result.best is not None


def test_a_forest_whose_time_is_out_grows_no_further(tmp_path: Path) -> None:
    result = grown(tmp_path, max_minutes=1e-6)
    assert result.ending == "out of time"
    assert isinstance(result.model, TrainedForest)
    assert len(result.model.forest.estimators_) == 2


def test_equal_seeds_grow_equal_forests(tmp_path: Path) -> None:
    task = reading_task("147")
    samples = build_samples(UNSEEN, task, FOREST)
    one, again = (grown(tmp_path / name).model.logits(samples) for name in "ab")
    np.testing.assert_array_equal(one, again)


def test_a_character_without_examples_is_never_read(tmp_path: Path) -> None:
    result = grown(tmp_path, alphabet="1247", letters="147")
    samples = build_samples(UNSEEN, reading_task("1247"), FOREST)
    assert result.model.probabilities(samples)[:, :, 1].max() < 1e-6


def test_a_forest_counts_the_nodes_of_its_trees(tmp_path: Path) -> None:
    small, large = grown(tmp_path / "a", trees=5).model, grown(tmp_path / "b", trees=10).model
    assert 5 < small.parameter_count < large.parameter_count


def test_a_forest_has_no_other_file_than_onnx(tmp_path: Path) -> None:
    assert grown(tmp_path, trees=5).model.save(tmp_path) is None


@pytest.mark.parametrize("name", ["letter_cnn", "random_forest"])
def test_the_letter_recipe_balances_its_classes(name: str) -> None:
    assert get_architecture(name).parse({}).balance == 1


def test_a_forest_offers_only_the_hyper_parameters_that_it_uses() -> None:
    assert [field.name for field in FOREST.fields()] == ["balance", "trees", "depth"]


@pytest.mark.parametrize("name", ["learning_rate", "batch_size", "patience", "rotation"])
def test_a_forest_takes_no_hyper_parameter_of_a_network(name: str) -> None:
    with pytest.raises(
        InvalidHyperparameters, match=f"random_forest has no hyper-parameter '{name}'; it has balance"
    ):
        FOREST.parse({name: 1})
