"""What a training with few labels keeps of the starter model's weights."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.recognition.drawings import SMALL, draw_many, random_texts, reading_task
from training.recognition import network_fit
from training.recognition.architectures import get_architecture
from training.recognition.architectures.ctc import CTC, STARTER_WORTH
from training.recognition.checkpoints import model_variables, values_of
from training.recognition.data import build_samples
from training.recognition.fit import FitResult, fit_reader
from training.recognition.network_fit import mean_weights
from training.recognition.trained import TrainedModel, TrainedNetwork

BEGUN_WITH_STARTER = {**SMALL, "starter": 1}


def share(images: int, alphabet: str = "147", **changes: Any) -> float:
    architecture = get_architecture("ctc")
    assert isinstance(architecture, CTC)
    task = dataclasses.replace(reading_task(alphabet, (1, 3)), **changes)
    return architecture.starter_share(task, images, architecture.parse(BEGUN_WITH_STARTER))


def weights(model: TrainedModel) -> list[np.ndarray]:
    assert isinstance(model, TrainedNetwork)
    return values_of(model_variables(model.network))


def fitted(folder: Path, begin_with: TrainedModel | None = None) -> FitResult:
    task = reading_task("147", (1, 3))
    train, validation = (
        build_samples(
            draw_many(random_texts(n, "147", (1, 3), n), n, width=64),
            task,
            get_architecture("ctc"),
            BEGUN_WITH_STARTER,
        )
        for n in (32, 8)
    )
    return fit_reader(
        task=task, architecture="ctc", hyperparameters=BEGUN_WITH_STARTER, train=train, validation=validation,
        folder=folder, max_epochs=1, begin_with=begin_with,
    )  # fmt: skip


def test_the_starters_share_falls_with_the_number_of_labels() -> None:
    assert share(STARTER_WORTH) == 0.5
    assert share(1) > 0.9
    assert share(100 * STARTER_WORTH) < 0.1


def test_a_character_that_the_starter_does_not_know_leaves_it_no_share() -> None:
    assert share(10, "1\u03a9") == 0
    assert share(10, "aB", case_sensitive=False) > 0


def test_what_is_kept_is_the_mean_of_the_starter_and_what_was_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    means = []

    def told(*wanted: Any) -> list[np.ndarray]:
        means.append((*wanted, mean_weights(*wanted)))
        return means[-1][-1]

    monkeypatch.setattr(network_fit, "mean_weights", told)
    model = fitted(tmp_path).model
    ((trained, begun, part, mean),) = means
    network = get_architecture("ctc").build(model.task, BEGUN_WITH_STARTER, 0)  # type: ignore[attr-defined]
    assert part == share(32)
    for one, other in zip(begun, values_of(model_variables(network)), strict=True):
        if one.dtype.kind == "f":
            np.testing.assert_array_equal(one, other)
    for one, other in zip(weights(model), mean, strict=True):
        np.testing.assert_array_equal(one, other)
    assert any((one != other).any() for one, other in zip(trained, begun, strict=True))


def test_a_training_that_begins_with_another_model_keeps_nothing_else_of_the_starter(tmp_path: Path) -> None:
    first = fitted(tmp_path / "first").model
    further = fitted(tmp_path / "further", begin_with=first)
    assert further.best is not None
    network = get_architecture("ctc").build(first.task, BEGUN_WITH_STARTER, 0)  # type: ignore[attr-defined]
    trained, begun = weights(further.model), weights(first)
    moved = np.concatenate([(one - other).ravel() for one, other in zip(trained, begun, strict=True)])
    to_starter = np.concatenate(
        [(one - other).ravel() for one, other in zip(values_of(model_variables(network)), begun, strict=True)]
    )
    # A share of 0.7 would lie mostly on the way back.
    assert moved @ to_starter < 0.5 * (to_starter @ to_starter)


@given(part=st.floats(0, 1), seed=st.integers(0, 100))
def test_a_mean_of_weights_lies_between_them_and_leaves_whole_numbers(part: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    own = [random.normal(size=(2, 3)).astype(np.float32), np.array([seed, 7], np.uint32)]
    others = [random.normal(size=(2, 3)).astype(np.float32), np.array([1, 2], np.uint32)]
    mean, state = mean_weights(own, others, part)
    assert mean.dtype == np.float32
    assert (mean >= np.minimum(own[0], others[0]) - 1e-6).all()
    assert (mean <= np.maximum(own[0], others[0]) + 1e-6).all()
    np.testing.assert_array_equal(state, own[1])
