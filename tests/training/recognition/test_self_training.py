"""Real, small self-trainings on drawn digits."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.recognition.drawings import SMALL, draw_many, random_texts, reading_task
from tests.training.recognition.test_fit import Recorder
from training.recognition.architectures import get_architecture
from training.recognition.data import Samples, build_samples
from training.recognition.fit import FitResult, TrainingFailed, fit_reader
from training.recognition.self_training import Round, rounds_history, self_train, training

DIGITS = "147"
TASK = reading_task(DIGITS)


def drawn(count: int, seed: int, architecture: str = "slots") -> Samples:
    texts = random_texts(count, DIGITS, (2, 2), seed)
    return build_samples(draw_many(texts, seed), TASK, get_architecture(architecture), SMALL)


LABELLED, VALIDATION, OTHERS = drawn(32, 1), drawn(32, 2), drawn(160, 3)


def train(folder: Path, **changes: Any) -> tuple[FitResult, list[Round]]:
    rounds: list[Round] = []
    arguments: dict[str, Any] = {
        "task": TASK, "architecture": "slots", "hyperparameters": SMALL, "model": None, "labelled": LABELLED,
        "synthetic": None, "unlabelled": OTHERS.pictures, "validation": VALIDATION, "folder": folder, "rounds": 2,
        "max_epochs": 12, "on_round": rounds.append,
    }  # fmt: skip
    return self_train(**(arguments | changes)), rounds


def right(result: FitResult) -> float:
    read = result.model.read(OTHERS)
    return float(np.mean([each.text == text for each, text in zip(read, OTHERS.texts, strict=True)]))


def test_rounds_teach_what_few_labels_did_not(tmp_path: Path) -> None:
    before = fit_reader(
        task=TASK, architecture="slots", hyperparameters=SMALL, train=LABELLED, validation=VALIDATION,
        folder=tmp_path / "before", max_epochs=30,
    )  # fmt: skip
    result, rounds = train(tmp_path / "rounds", model=before.model, max_epochs=20)
    assert rounds[0].taken > 0
    assert all(each.low <= each.estimated_precision <= each.high for each in rounds)
    assert any(each.kept for each in rounds)
    assert right(result) > right(before)


def test_an_interrupted_round_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    unbroken, rounds = train(tmp_path / "unbroken", max_epochs=20)
    epochs = len(unbroken.history)
    assert len({each.number for each in rounds}) >= 1
    assert epochs > 20
    recorder = Recorder(lambda heard: bool(heard.epochs) and heard.epochs[-1].epoch == 23)
    broken, _ = train(tmp_path / "broken", max_epochs=20, listener=recorder)
    assert broken.ending == "stopped"
    assert broken.best is not None
    told = Recorder()
    resumed, again = train(tmp_path / "broken", max_epochs=20, listener=told)
    assert told.epochs[0].epoch == 24
    assert [each.epoch for each in rounds_history(tmp_path / "broken")] == list(range(1, epochs + 1))
    assert [(each.taken, each.accuracy) for each in again] == [(each.taken, each.accuracy) for each in rounds]
    for value, expected in zip(
        resumed.model.network.get_weights(), unbroken.model.network.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(value, expected)


def test_texts_of_several_lengths_are_learnt_from_too(tmp_path: Path) -> None:
    task = reading_task(DIGITS, (1, 2))

    def of_task(count: int, seed: int) -> Samples:
        texts = random_texts(count, DIGITS, (1, 2), seed)
        return build_samples(draw_many(texts, seed), task, get_architecture("ctc"), SMALL)

    result, rounds = train(
        tmp_path, task=task, architecture="ctc", labelled=of_task(64, 1), validation=of_task(32, 2),
        unlabelled=of_task(96, 3).pictures, max_epochs=15, rounds=1, seed=1,
    )  # fmt: skip
    assert result.best is not None
    assert [each.of for each in rounds][:1] == [96]


def test_other_unlabelled_pictures_do_not_go_on_with_a_folder(tmp_path: Path) -> None:
    train(tmp_path, max_epochs=8, rounds=1)
    with pytest.raises(TrainingFailed, match="other unlabelled images"):
        train(tmp_path, max_epochs=8, rounds=1, unlabelled=OTHERS.pictures[:80])


def test_nothing_to_begin_with_is_said(tmp_path: Path) -> None:
    with pytest.raises(TrainingFailed, match="neither a labelled nor a drawn image"):
        train(tmp_path, labelled=None)


def test_where_nothing_is_read_surely_the_time_goes_into_the_labels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So little of the time that it is over after one epoch on any machine.
    monkeypatch.setattr(training, "FIRST_SHARE", 1e-4)
    noise = np.random.default_rng(0).integers(0, 256, OTHERS.pictures[:20].shape, np.uint8)
    slowly = SMALL | {"learning_rate": 1e-6}
    result, rounds = train(tmp_path, hyperparameters=slowly, unlabelled=noise, max_epochs=3, max_minutes=10)
    assert "read surely enough" in rounds[-1].ending
    assert [each.epoch for each in result.history] == [1, 2, 3, 4]
    assert result.history == rounds_history(tmp_path)


def test_time_that_is_left_goes_into_further_rounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "FURTHER_ROUNDS", 1)
    result, rounds = train(tmp_path, max_epochs=20, rounds=1, max_minutes=10)
    assert rounds[-1].number == 2
    assert len(result.history) == len(rounds_history(tmp_path)) > 40


def test_without_time_for_a_round_there_is_none(tmp_path: Path) -> None:
    result, rounds = train(tmp_path, max_epochs=None, max_minutes=0.0001)
    assert (result.ending, rounds) == ("out of time", [])
    assert result.best is not None
