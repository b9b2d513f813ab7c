"""Making the starter, in sittings."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from captcha.image import DEFAULT_FONTS

from training.recognition.checkpoints import UnusableCheckpoint, model_variables, values_of
from training.recognition.data import Samples
from training.recognition.starter import ALPHABET, save_weights, starter_weights
from training.recognition.starter.make import measure
from training.recognition.starter.mixture import FontFile, Mixture, written_in
from training.recognition.starter.training import StarterTraining

FONT = Path(DEFAULT_FONTS[0])


@pytest.fixture(scope="module")
def drawn() -> tuple[Samples, list[str]]:
    mixture = Mixture([FontFile(FONT, written_in(FONT))], 1)
    try:
        return mixture.kinds(1, seed=1)
    finally:
        mixture.close()


def training(folder: Path, **changes: Any) -> StarterTraining:
    wish = {"minutes": 60.0, "seed": 0, "begin_with_starter": True} | changes
    return StarterTraining(folder, **wish)


def weights(one: StarterTraining) -> list[np.ndarray]:
    return values_of(model_variables(one.model.network))


def test_a_training_goes_on_where_its_last_sitting_ended(
    tmp_path: Path, drawn: tuple[Samples, list[str]]
) -> None:
    samples = drawn[0].take(range(64))
    first = training(tmp_path)
    lines: list[str] = []
    assert not first.run(iter([samples]), samples, sitting=0, say=lines.append)
    assert (first.state.rounds, len(lines)) == (1, 1)
    second = training(tmp_path)
    assert (second.state.rounds, second.state.seconds) == (1, first.state.seconds)
    for one, other in zip(weights(first), weights(second), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not second.run(iter([samples]), samples, sitting=0)
    assert second.state.rounds == 2
    assert second.state.seconds > first.state.seconds
    with pytest.raises(UnusableCheckpoint, match="other settings"):
        training(tmp_path, seed=1)


def test_when_its_time_is_spent_it_is_done_and_what_it_learnt_is_measured(
    tmp_path: Path, drawn: tuple[Samples, list[str]]
) -> None:
    samples, kinds = drawn[0].take(range(64)), drawn[1][:64]
    one = training(tmp_path, minutes=1e-4)
    assert one.run(iter([samples]), samples)
    assert one.progress == 1
    assert one.state.history[-1]["per_character"] > 0.3
    one.average()
    save_weights(one.model.network, tmp_path / "weights.npz")
    found = measure(starter_weights(tmp_path / "weights.npz"), samples, kinds, samples, kinds)
    assert found["validation"]["n"] == 64
    assert found["validation"]["per_character"] > 0.3
    assert 0.1 < found["temperature"] < 10
    assert 0 <= found["calibration_error"] <= 1
    assert set(samples.texts[0]) <= set(ALPHABET)
