"""Published recipes keep their published shape, and learn to read small drawn digits."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.recognition.drawings import GREY_IN_EQUAL_PARTS, draw_many, random_texts, reading_task
from training.recognition.architectures import get_architecture
from training.recognition.data import build_samples
from training.recognition.export import export_reader
from training.recognition.fit import fit_reader
from training.recognition.metrics import whole_string_accuracy
from training.recognition.reader import Reader

LETTERS_AND_DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789"
WILHELMY = "2345678bcdefgmnpwxy"
WHITE_INK = {
    "steps": [{"step": "channel", "channel": "grey"}, {"step": "autocontrast"}, {"step": "invert"}],
    "slicing": {"slicing": "equal"},
}
"""Networks without any normalisation learn from ink of 1 on a ground of 0 within a few epochs."""

WHOLE = {**GREY_IN_EQUAL_PARTS, "slicing": {"slicing": "none"}}


@pytest.mark.parametrize(
    ("name", "alphabet", "length", "weights"),
    [
        ("two_conv", LETTERS_AND_DIGITS, 1, 517_092),
        ("letter_cnn", WILHELMY, 5, 121_974),
        ("multi_head", LETTERS_AND_DIGITS, 4, 564_304),
    ],
)
def test_a_published_network_has_as_many_weights_as_its_layers_say(
    name: str, alphabet: str, length: int, weights: int
) -> None:
    model = get_architecture(name).build(reading_task(alphabet, (length, length)), {}, seed=0)
    assert model.count_params() == weights


@pytest.mark.parametrize(
    ("name", "shape", "convolutions", "pooling"),
    [
        ("two_conv", (75, 50, 3), [(32, (3, 3)), (64, (3, 3))], [(2, 2)] * 2),
        ("letter_cnn", (60, 60, 1), [(20, (6, 6)), (15, (3, 3))], [(3, 3)] * 2),
        ("multi_head", (50, 100, 1), [(32, (3, 3)), *[(128, (3, 3))] * 4], [(2, 2)] * 4),
    ],
)
def test_a_published_network_has_its_published_layers(
    name: str, shape: tuple[int, ...], convolutions: list[Any], pooling: list[Any]
) -> None:
    model = get_architecture(name).build(reading_task(), {}, seed=0)
    assert model.inputs[0].shape[1:] == shape
    assert [
        (each.filters, each.kernel_size) for each in model.layers if hasattr(each, "filters")
    ] == convolutions
    assert [each.pool_size for each in model.layers if hasattr(each, "pool_size")] == pooling


@pytest.mark.parametrize(
    ("name", "rates"), [("two_conv", [0.25]), ("letter_cnn", []), ("multi_head", [0.25, 0.5])]
)
def test_dropout_is_as_published_unless_chosen_otherwise(name: str, rates: list[float]) -> None:
    def built(hyperparameters: dict[str, Any]) -> list[float]:
        model = get_architecture(name).build(reading_task(), hyperparameters, seed=0)
        return [each.rate for each in model.layers if hasattr(each, "rate")]

    assert built({}) == rates
    if rates:
        assert built({"dropout": 0.1}) == [0.1, *rates[1:]]


@pytest.mark.parametrize("name", ["two_conv", "letter_cnn"])
def test_a_single_character_is_read_from_the_whole_picture(name: str) -> None:
    architecture, task = get_architecture(name), reading_task(lengths=(1, 1), recipe=WHOLE)
    samples = build_samples(draw_many(["7"]), task, architecture)
    assert samples.pictures.shape == (1, 1, *architecture.input_shape(task))


def test_heads_read_texts_of_several_lengths_with_an_end_class() -> None:
    model = get_architecture("multi_head").build(reading_task("abc", (2, 4)), {}, seed=0)
    assert model.outputs[0].shape[1:] == (4, 4)


@pytest.mark.parametrize(
    ("name", "alphabet", "images", "epochs", "hyperparameters"),
    [
        ("two_conv", "147", 64, 5, {"batch_size": 8}),
        ("letter_cnn", "147", 64, 6, {"batch_size": 8}),
        ("multi_head", "17", 64, 4, {"batch_size": 4, "dropout": 0, "dense_dropout": 0}),
    ],
)
def test_unseen_images_are_read_after_a_short_training(
    tmp_path: Path, name: str, alphabet: str, images: int, epochs: int, hyperparameters: dict[str, Any]
) -> None:
    task, architecture = reading_task(alphabet, recipe=WHITE_INK), get_architecture(name)
    drawn = [draw_many(random_texts(n, alphabet, (2, 2), n), n) for n in (images, 33, 40)]
    train, validation = (build_samples(items, task, architecture, hyperparameters) for items in drawn[:2])
    result = fit_reader(
        task=task,
        architecture=name,
        hyperparameters=hyperparameters,
        train=train,
        validation=validation,
        folder=tmp_path / "run",
        max_epochs=epochs,
    )
    unseen, texts = zip(*drawn[2], strict=True)
    export_reader(result.model, tmp_path / "model.onnx", unseen[:4])
    readings = Reader(tmp_path / "model.onnx").read(unseen)
    assert whole_string_accuracy(texts, [reading.text for reading in readings]) >= 0.9
    spans = np.array([[(each.left, each.right) for each in reading.characters] for reading in readings])
    # Slices were cut in equal parts, and heads do not know better than that.
    np.testing.assert_allclose(spans, np.broadcast_to([[0, 0.5], [0.5, 1]], spans.shape), atol=1e-6)
