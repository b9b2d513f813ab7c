"""What the ranges of hyper-parameters promise: whatever they allow can be built and trained."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.training.recognition.drawings import NETWORKS, reading_task
from training.recognition.architectures import HyperparameterField, get_architecture
from training.recognition.augmentation import Augmentation


def smallest(field: HyperparameterField) -> float:
    return field.minimum


def largest(field: HyperparameterField) -> float:
    return field.maximum


SIZES = ("height", "width_per_character")


@pytest.mark.parametrize("length", [1, 12])
@pytest.mark.parametrize("name", NETWORKS)
def test_the_smallest_input_that_may_be_chosen_can_be_built_and_read(name: str, length: int) -> None:
    architecture, task = get_architecture(name), reading_task(lengths=(length, length))
    sizes = {field.name: field.minimum for field in architecture.fields() if field.name in SIZES}
    network = architecture.build(task, sizes, seed=0)
    shape = architecture.input_shape(task, sizes)
    logits = network(np.zeros((2, *shape), np.float32))
    assert np.isfinite(np.asarray(logits)).all()


def test_the_narrowest_ctc_has_the_columns_that_a_text_of_one_repeated_character_needs() -> None:
    architecture, task = get_architecture("ctc"), reading_task(lengths=(1, 6))
    chosen = architecture.parse({"width_per_character": 16, "height": 16})
    network = architecture.build(task, vars(chosen), seed=0)
    logits = network(np.zeros((1, *architecture.input_shape(task, vars(chosen))), np.float32))
    targets = architecture.targets(task, task.encode_all(["777777"]), chosen)  # type: ignore[arg-type]
    # An impossible alignment would have an infinite loss, or one of millions.
    assert float(architecture.loss(task, chosen)(targets, logits)) < 100


@pytest.mark.parametrize("extreme", [smallest, largest])
@pytest.mark.parametrize("name", NETWORKS)
def test_the_strongest_and_the_weakest_augmentation_keep_pictures_pictures(
    name: str, extreme: Callable[[HyperparameterField], float]
) -> None:
    architecture, task = get_architecture(name), reading_task()
    values = {field.name: extreme(field) for field in architecture.fields() if field.name not in SIZES}
    sizes = {field.name: field.minimum for field in architecture.fields() if field.name in SIZES}
    chosen = architecture.parse(values | sizes)
    pictures = np.random.default_rng(0).integers(
        0, 256, (3, *architecture.input_shape(task, sizes)), np.uint8
    )
    changed = Augmentation.of(chosen).batch(pictures, np.random.default_rng(0))
    assert changed.shape == pictures.shape
    assert np.isfinite(changed).all()
