"""Letters whose case does not matter."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.recognition.drawings import reading_task
from training.recognition.architectures import get_architecture
from training.recognition.architectures.either_form import EitherForm
from training.recognition.backend import load_keras
from training.recognition.starter import written_forms
from training.recognition.trained import TrainedNetwork, softmax


@given(
    forms=st.lists(st.integers(1, 2), min_size=1, max_size=6),
    seed=st.integers(0, 1000),
    spread=st.sampled_from([0.1, 5.0, 80.0]),
)
def test_a_symbol_is_as_probable_as_its_forms_together(forms: list[int], seed: int, spread: float) -> None:
    owners = [symbol for symbol, count in enumerate(forms) for _ in range(count)]
    logits = np.random.default_rng(seed).normal(0, spread, (2, 3, len(owners))).astype(np.float32)
    merged = load_keras().ops.convert_to_numpy(EitherForm(owners)(logits))
    expected = softmax(logits) @ np.eye(len(forms), dtype=np.float32)[owners]
    np.testing.assert_allclose(softmax(merged), expected, rtol=1e-3, atol=1e-5)


@given(st.characters(categories=["L", "N"]))
def test_every_character_has_one_or_two_written_forms_of_one_character_each(character: str) -> None:
    assert written_forms(character, case_sensitive=True) == [character]
    forms = written_forms(character, case_sensitive=False)
    assert 1 <= len(forms) <= 2
    assert {len(each) for each in forms} == {1}


@pytest.mark.parametrize("name", ["slots", "ctc"])
def test_only_where_case_does_not_matter_does_a_network_know_two_forms(name: str) -> None:
    architecture = get_architecture(name)
    task = reading_task("a7", (2, 3))
    either = dataclasses.replace(task, case_sensitive=False)
    outputs = [
        architecture.build(each, {}, seed=0).get_layer("classifier").units
        for each in (task, either)  # type: ignore[attr-defined]
    ]
    assert outputs == [3, 4]


def test_a_network_with_two_forms_is_saved_and_loaded(tmp_path: Path) -> None:
    keras = load_keras()
    task = dataclasses.replace(reading_task("ab", (2, 2)), case_sensitive=False)
    architecture = get_architecture("slots")
    network = architecture.build(task, {}, seed=0)  # type: ignore[attr-defined]
    path = TrainedNetwork(network, task, architecture).save(tmp_path)  # type: ignore[arg-type]
    pictures = np.random.default_rng(0).random((2, *network.input.shape[1:]), np.float32)
    np.testing.assert_allclose(
        keras.saving.load_model(path).predict_on_batch(pictures),
        network.predict_on_batch(pictures),
        atol=1e-6,
    )
