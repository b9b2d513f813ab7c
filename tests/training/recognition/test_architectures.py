import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from labeling.imaging.recipe import DEFAULT_RECIPE
from tests.training.recognition.drawings import GREY_IN_EQUAL_PARTS, NETWORKS, SMALL, quick, reading_task
from training.recognition.architectures import (
    ARCHITECTURES,
    FEW_IMAGES,
    InvalidHyperparameters,
    UnknownArchitecture,
    default_architecture,
    get_architecture,
)
from training.recognition.decoding import get_decoder
from training.recognition.operations import operations
from training.recognition.task import InvalidTask


def test_tiny_vgg_has_5020_weights_at_10_classes() -> None:
    model = get_architecture("tiny_vgg").build(reading_task(), {}, seed=0)
    assert model.count_params() == 5_020


def test_tiny_vgg_is_two_pairs_of_convolutions_each_followed_by_pooling() -> None:
    model = get_architecture("tiny_vgg").build(reading_task(), {}, seed=0)
    layers = [type(layer).__name__ for layer in model.layers[1:7]]
    assert layers == ["Conv2D", "Conv2D", "MaxPooling2D"] * 2
    assert {(layer.filters, layer.kernel_size) for layer in model.layers if hasattr(layer, "filters")} == {
        (10, (3, 3))
    }


def test_slots_has_408067_weights_at_five_digits() -> None:
    model = get_architecture("slots").build(reading_task(lengths=(5, 5)), {}, seed=0)
    assert model.count_params() == 408_067


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_gives_logits_for_every_step_it_sees(name: str) -> None:
    architecture, task = get_architecture(name), reading_task("abc", (3, 3))
    model = architecture.build(task, {}, seed=0)
    pictures = np.zeros((2, *architecture.input_shape(task)), np.float32)
    positions = 1 if architecture.needs_slices else 3
    steps = pictures.shape[2] // 8 if name == "ctc" else positions
    symbols = get_decoder(architecture.decoder).symbols(task)
    assert model.predict_on_batch(pictures).shape == (2, steps, symbols)


@pytest.mark.parametrize("name", NETWORKS)
def test_equal_seeds_build_equal_weights(name: str) -> None:
    def weights(seed: int) -> np.ndarray:
        model = get_architecture(name).build(reading_task(), quick(name), seed)
        return np.concatenate([each.flatten() for each in model.get_weights()])

    assert np.array_equal(weights(1), weights(1))
    assert not np.array_equal(weights(1), weights(2))


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_an_architecture_describes_itself(name: str) -> None:
    architecture = ARCHITECTURES[name]
    assert architecture.name == name
    assert all((architecture.title, architecture.summary, architecture.source))
    for field in architecture.fields():
        assert field.title
        assert field.explanation
        assert field.minimum <= field.default <= field.maximum


def test_the_user_guide_says_of_every_architecture_when_to_choose_it() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "user-guide.md").read_text()
    section = guide.split("### Which architecture")[1].split("###")[0]
    listed = [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| ")]
    assert listed[1:] == [architecture.title for architecture in ARCHITECTURES.values()]


def test_a_slots_network_survives_saving_and_safe_loading(tmp_path) -> None:
    import keras

    architecture, task = get_architecture("slots"), reading_task()
    model = architecture.build(task, SMALL, seed=0)
    model.save(tmp_path / "model.keras")
    pictures = np.random.default_rng(0).random((2, *architecture.input_shape(task, SMALL)), np.float32)
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_allclose(loaded.predict_on_batch(pictures), model.predict_on_batch(pictures), atol=1e-6)


@pytest.mark.parametrize(
    ("lengths", "images", "name"),
    [
        ((5, 5), None, "slots"),
        ((4, 8), None, "ctc"),
        ((5, 5), FEW_IMAGES, "slots"),
        ((5, 5), FEW_IMAGES - 1, "ctc"),
        ((5, 5), 0, "ctc"),
        ((4, 8), 5000, "ctc"),
    ],
)
def test_the_default_follows_from_the_lengths_and_the_number_of_labels(
    lengths: tuple[int, int], images: int | None, name: str
) -> None:
    assert default_architecture(reading_task(lengths=lengths), images).name == name


def test_an_unknown_architecture_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownArchitecture, match=r"'resnet'.*slots, ctc, tiny_vgg"):
        get_architecture("resnet")


def test_the_size_of_the_input_follows_the_hyperparameters() -> None:
    shape = get_architecture("slots").input_shape(reading_task(lengths=(4, 4)), SMALL)
    assert shape == (16, 64, 1)


@pytest.mark.parametrize(("images", "epochs"), [(1, 100), (500, 100), (3_000, 50), (1_000_000, 10)])
def test_the_more_images_there_are_the_fewer_epochs_they_need(images: int, epochs: int) -> None:
    assert get_architecture("slots").epochs(images) == epochs


@pytest.mark.parametrize(
    ("images", "starter", "epochs"),
    [(20, 1, 10), (90, 1, 20), (500, 1, 120), (90, 0, 120), (1_000_000, 1, 10)],
)
def test_begun_with_the_starter_no_image_of_a_small_set_is_shown_too_often(
    images: int, starter: int, epochs: int
) -> None:
    ctc = get_architecture("ctc")
    assert ctc.epochs(images, ctc.parse({"starter": starter})) == epochs
    if starter:
        assert ctc.epochs(images) == epochs


def test_given_hyperparameters_replace_defaults_and_text_becomes_numbers() -> None:
    chosen = get_architecture("slots").parse({"batch_size": "8", "learning_rate": "0.01"})
    assert (chosen.batch_size, chosen.learning_rate, chosen.shear) == (8, 0.01, 15.0)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"colour": 1}, "no hyper-parameter 'colour'"),
        ({"batch_size": 2.5}, "Batch size: 2.5 is not a whole number"),
        ({"learning_rate": "fast"}, "Learning rate: 'fast' is not a number"),
        ({"learning_rate": "nan"}, "Learning rate: nan is outside"),
        ({"batch_size": "inf"}, "Batch size: 'inf' is not a whole number"),
        ({"dropout": 2}, "Dropout: 2 is outside 0 to 0.9"),
    ],
)
def test_bad_hyperparameters_are_explained(values: dict[str, object], sentence: str) -> None:
    with pytest.raises(InvalidHyperparameters, match=sentence):
        get_architecture("slots").parse(values)


def test_a_sliced_architecture_refuses_a_range_of_lengths() -> None:
    with pytest.raises(InvalidTask, match=r"needs a fixed length.*2 to 4"):
        get_architecture("tiny_vgg").check(reading_task(lengths=(2, 4)))


def test_a_sliced_architecture_refuses_a_preparation_that_does_not_slice() -> None:
    whole = {**GREY_IN_EQUAL_PARTS, "slicing": {"slicing": "none"}}
    with pytest.raises(InvalidTask, match="the preparation does not slice"):
        get_architecture("tiny_vgg").check(reading_task(recipe=whole))


def test_an_alphabet_of_one_character_is_refused() -> None:
    with pytest.raises(InvalidTask, match="only '7'"):
        get_architecture("slots").check(reading_task("7"))


def test_importing_what_pages_use_loads_no_training_framework() -> None:
    modules = ("reader", "decoding", "metrics", "task", "architectures", "data", "fit", "export", "schedule")
    code = (
        f"import sys, {', '.join(f'training.recognition.{module}' for module in modules)}; "
        "print([name for name in ('keras', 'tensorflow', 'torch', 'jax', 'django') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["slots", "tiny_vgg", "position_ensemble"])
def test_the_operations_that_estimates_go_by_are_those_of_the_network(name: str) -> None:
    from benchmarks.speed.flops import forward_flops

    architecture = get_architecture(name)
    task = reading_task("0123456789", (4, 4), DEFAULT_RECIPE.to_json())
    network = architecture.build(task, dataclasses.asdict(architecture.parse(None)), 0)
    counted = forward_flops(network) / (task.positions if architecture.follows_positions else 1)
    assert operations(architecture, task) == pytest.approx(counted, rel=0.02)
