"""Networks that begin with the starter model's weights."""

import dataclasses
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.training.recognition.drawings import draw_many, reading_task
from training.recognition import starter
from training.recognition.architectures import get_architecture
from training.recognition.reader import Reader
from training.recognition.starter import ALPHABET, CLASSIFIER, save_weights, starter_weights
from training.recognition.starter.reader import starter_onnx
from training.recognition.task import ReadingTask
from training.recognition.trained import TrainedNetwork, softmax

COLOUR = {"steps": [{"step": "channel", "channel": "colour"}], "slicing": {"slicing": "none"}}
GREY = {"steps": [{"step": "channel", "channel": "grey"}], "slicing": {"slicing": "none"}}
UNAIDED = {"starter": 0}


def built(name: str, task: ReadingTask, values: dict[str, Any] | None = None) -> Any:
    return get_architecture(name).build(task, values or {}, seed=0)  # type: ignore[attr-defined]


def classifier(network: Any) -> tuple[np.ndarray, np.ndarray]:
    kernel, bias = network.get_layer(CLASSIFIER).get_weights()
    return kernel, bias


@pytest.mark.parametrize("name", ["slots", "ctc"])
def test_a_grey_picture_looks_alike_to_a_grey_and_a_coloured_task(name: str) -> None:
    pictures = np.random.default_rng(0).random((2, 40, 128 if name == "slots" else 192, 1), np.float32)
    coloured, grey = (
        built(name, reading_task("abc", (4, 4), recipe=recipe), {"starter": 1}) for recipe in (COLOUR, GREY)
    )
    np.testing.assert_allclose(
        coloured.predict_on_batch(np.repeat(pictures, 3, axis=3)), grey.predict_on_batch(pictures), atol=1e-3
    )


def test_weights_are_kept_to_three_digits(tmp_path: Path) -> None:
    network = built("ctc", reading_task("ab", (1, 2)), UNAIDED)
    save_weights(network, tmp_path / "weights.npz")
    kept = starter_weights(tmp_path / "weights.npz")
    for layer in network.layers:
        for own, read in zip(layer.get_weights(), kept.get(layer.name, ()), strict=True):
            np.testing.assert_allclose(own, read, rtol=1e-3, atol=1e-6)


def test_each_character_of_a_task_gets_its_own_weights_in_any_order() -> None:
    kernel, bias = classifier(built("ctc", reading_task("z0M", (1, 3))))
    known, of_known = starter_weights()[CLASSIFIER]
    for index, character in enumerate("z0M"):
        np.testing.assert_array_equal(kernel[:, index], known[:, ALPHABET.index(character)])
        assert bias[index] == of_known[ALPHABET.index(character)]
    np.testing.assert_array_equal(kernel[:, -1], known[:, -1])


def test_without_case_a_letter_begins_with_both_of_its_forms() -> None:
    task = dataclasses.replace(reading_task("k7", (1, 3)), case_sensitive=False)
    kernel, bias = classifier(built("ctc", task))
    known, of_known = starter_weights()[CLASSIFIER]
    places = [*map(ALPHABET.index, "Kk7"), -1]
    np.testing.assert_array_equal(kernel, known[:, places])
    np.testing.assert_array_equal(bias, of_known[places])


def test_an_unknown_character_begins_as_it_was_drawn() -> None:
    task = reading_task("a\u03a9", (1, 3))
    begun, drawn = (classifier(built("ctc", task, {"starter": on}))[0] for on in (1, 0))
    np.testing.assert_array_equal(begun[:, 1], drawn[:, 1])
    assert (begun[:, 0] != drawn[:, 0]).any()


def test_a_higher_picture_is_seen_much_as_before() -> None:
    """The starter's columns of a picture, and those of the same picture where the input is higher."""
    plain = draw_many(["4071"], seed=1)[0][0][:, :, 0].astype(np.float32) / 255
    seen = {}
    for height in (40, 48):
        network = built("slots", reading_task("0147", (4, 4)), {"height": height})
        picture = cv2.resize(plain, network.input.shape[2:0:-1])[None, :, :, None]
        columns = network.get_layer("columns_norm").output
        seen[height] = type(network)(network.input, columns).predict_on_batch(picture).ravel()
    assert np.corrcoef(seen[40], seen[48])[0, 1] > 0.9


def test_switched_off_nothing_of_the_starter_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: Any) -> None:
        raise AssertionError("the starter was read")

    monkeypatch.setattr(starter, "starter_weights", forbidden)
    assert built("slots", reading_task("ab", (2, 2)), UNAIDED).count_params() > 0


def test_the_record_says_what_the_starter_was_made_of() -> None:
    record = starter.read_record()
    assert record["alphabet"] == ALPHABET
    assert (starter.FOLDER / starter.WEIGHTS_FILE).stat().st_size <= 4_000_000


@pytest.mark.parametrize("case_sensitive", [True, False])
def test_the_reader_without_keras_computes_what_the_network_does(*, case_sensitive: bool) -> None:
    task = dataclasses.replace(reading_task("aB3", (2, 4), recipe=COLOUR), case_sensitive=case_sensitive)
    architecture = get_architecture("ctc")
    pixels = np.random.default_rng(1).integers(0, 256, (40, 192, 4), np.uint8)
    pixels[..., 3] = 255
    inputs = (pixels[None, :, :, :3] / np.float32(255)).astype(np.float32)
    model = TrainedNetwork(built("ctc", task), task, architecture)  # type: ignore[arg-type]
    trained = softmax(model.input_logits(inputs))
    read, _ = Reader(starter_onnx(task, temperature=1.0).SerializeToString()).probabilities([pixels])
    np.testing.assert_allclose(read, trained, atol=1e-4)


def test_a_training_says_with_which_starter_it_began() -> None:
    architecture = get_architecture("slots")
    assert starter.begun_with(architecture.parse({})) == starter.fingerprint()
    assert starter.begun_with(architecture.parse({"starter": 0})) == ""
    assert starter.begun_with(get_architecture("tiny_vgg").parse({})) == ""
