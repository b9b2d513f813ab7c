"""The ablation's parts: its images, its networks, its ways to read, its differences and its table."""

from typing import Any

import numpy as np
import pytest

from benchmarks.ablation import readers, table
from benchmarks.ablation.comparison import Difference, difference
from benchmarks.ablation.networks import SlotsWithoutStandardise, SlotsWithSqueezeAndExcite
from benchmarks.ablation.readers import Finished
from benchmarks.ablation.sets import SETS, split
from benchmarks.ablation.variants import VARIANTS, Variant
from benchmarks.accuracy.fitting import GREY, task_of
from tests.benchmarks.test_accuracy_splits import noise
from training.recognition import checkpoints
from training.recognition.architectures.slots import Slots
from training.recognition.augmentation import Augmentation
from training.recognition.data import Samples
from training.recognition.trained import TrainedNetwork

TASK = task_of("0123456789", 2, 2, GREY)
IMAGES = noise(100)


def finished(architecture: Slots | None = None, images: int = 8) -> Finished:
    """An untrained network, as if it had been trained."""
    architecture = architecture or Slots()
    network = architecture.build(TASK, {}, seed=0)
    shape = architecture.input_shape(TASK)
    pictures = np.random.default_rng(0).integers(0, 256, (images, 1, *shape), np.uint8)
    raw = [checkpoints.values_of(checkpoints.model_variables(network))]
    model = TrainedNetwork(network, TASK, architecture)
    return Finished(model, raw, Samples(pictures, ("12",) * images), Augmentation(), seed=0)


def test_no_image_is_both_learnt_from_and_measured() -> None:
    learnt, measured = split(IMAGES, 30, 50)
    assert (len(learnt), len(measured)) == (30, 50)
    assert not {image.sha256 for image in learnt} & {image.sha256 for image in measured}


def test_near_duplicates_are_never_apart() -> None:
    twins = [type(image)(np.clip(image.pixels, 1, None), image.text) for image in IMAGES]
    learnt, measured = split([*IMAGES, *twins], 31, 200)
    assert not {image.text for image in learnt} & {image.text for image in measured}


def test_the_network_without_standardise_has_all_other_layers() -> None:
    usual = [layer.__class__.__name__ for layer in Slots().build(TASK, {}, 0).layers]
    without = [layer.__class__.__name__ for layer in SlotsWithoutStandardise().build(TASK, {}, 0).layers]
    assert without == [name for name in usual if name != "Standardise"]


def test_squeeze_and_excite_follows_each_of_three_blocks() -> None:
    layers = [layer.__class__.__name__ for layer in SlotsWithSqueezeAndExcite().build(TASK, {}, 0).layers]
    assert layers.count("Multiply") == 3


def test_reading_with_other_weights_leaves_the_model_as_it_was() -> None:
    trained = finished()
    trained.raw[-1][:] = [np.zeros_like(values) for values in trained.raw[-1]]
    before = trained.model.logits(trained.train)
    readers.last_weights(trained, trained.train)
    np.testing.assert_array_equal(trained.model.logits(trained.train), before)


def test_last_weights_are_read_with() -> None:
    trained = finished()
    trained.raw[-1][:] = [np.zeros_like(values) for values in trained.raw[-1]]
    assert readers.last_weights(trained, trained.train) == ["00"] * 8


def test_the_equal_average_is_of_the_last_quarter_of_the_epochs() -> None:
    trained = finished()
    epochs = [[values * 0 + number for values in trained.raw[0]] for number in range(8)]
    averaged = readers._equally_averaged(Finished(trained.model, epochs, trained.train, Augmentation(), 0))
    assert {float(values.mean()) for values in averaged if values.ndim == 4} == {6.5}


def test_versions_of_a_picture_keep_its_middle() -> None:
    picture = np.zeros((1, 1, 48, 65, 1), np.uint8)
    picture[..., 20:28, 28:37, :] = 255
    assert all(version[0, 0, 24, 32, 0] == 255 for version in readers._versions(picture))


def test_equal_readings_differ_by_nothing() -> None:
    read = np.random.default_rng(0).integers(0, 2, (2, 50)).astype(float)
    assert difference([read], [read]) == Difference(0, 0, 0)


def test_nothing_is_shown_by_readings_that_do_not_differ() -> None:
    assert not Difference(0, 0, 0).is_shown


def test_a_clear_gain_is_shown() -> None:
    default = np.zeros((2, 200))
    variant = default.copy()
    variant[:, :40] = 1
    gain = difference([variant, variant], [default, default])
    assert gain.value == pytest.approx(0.2)
    assert gain.is_shown


def test_trainings_that_contradict_each_other_show_nothing() -> None:
    default = np.zeros((2, 200))
    default[1, :60] = 1
    variant = np.zeros((2, 200))
    variant[0, :80] = 1
    assert not difference([variant], [default]).is_shown


def test_sets_weigh_as_many_images_as_they_have() -> None:
    gain = difference([np.ones((1, 30)), np.zeros((1, 10))], [np.zeros((1, 30)), np.zeros((1, 10))])
    assert gain.value == pytest.approx(0.75)


def part(kind: Any) -> Variant:
    return Variant("a-part", kind, "a part")


@pytest.mark.parametrize(
    ("kind", "gain", "said"),
    [
        ("less", Difference(-0.02, -0.03, -0.01), "kept"),
        ("less", Difference(-0.01, -0.03, 0.01), "not shown to help"),
        ("less", Difference(0.02, 0.01, 0.03), "better without"),
        ("more", Difference(0.02, 0.01, 0.03), "better with"),
        ("more", Difference(0.01, -0.01, 0.03), "not kept"),
        ("more", Difference(-0.02, -0.03, -0.01), "not kept: worse"),
    ],
)
def test_the_verdict_follows_the_interval(kind: str, gain: Difference, said: str) -> None:
    assert table.verdict(part(kind), gain) == said


def cell(variant: str, name: str, seed: int, right: str) -> dict[str, Any]:
    return {
        "settings": {
            "variants": [variant],
            "set": name,
            "labels": "a",
            "measured": "b",
            "epochs": 1,
            "seed": seed,
        },
        "result": {
            "n": len(right),
            "outcomes": {variant: right},
            "milliseconds_per_image": {variant: 1.0},
            "seconds_per_epoch": 0.5,
            "trained_on": 9,
            "validated_on": 1,
        },
    }


def test_a_line_tells_shares_difference_costs_and_verdict() -> None:
    default = {name: [cell("default", name, 0, "1" * 50)] for name in SETS}
    variant = {name: [cell("erase", name, 0, "1" * 40 + "0" * 10)] for name in SETS}
    erase = next(each for each in VARIANTS if each.name == "erase")
    line = table.row(erase, variant, default)
    assert line[0] == "with erase 0.15"
    assert "80.0 %" in line[1]
    assert "n = 50" in line[1]
    assert line[3].startswith("-20.0 (")
    assert line[4:] == ["0.50 / 0.50", "1.00", "not kept: worse"]


def test_the_section_takes_its_former_places_and_leaves_the_rest_of_the_page() -> None:
    once = table.replaced("# Page\n\nText.\n", "one\n")
    assert once == f"# Page\n\nText.\n\n{table.BEGIN}\none\n{table.END}\n"
    assert table.replaced(once + "\n## More\n", "two\n") == once.replace("one", "two") + "## More\n"


def test_every_variant_has_a_name_of_its_own() -> None:
    assert len({variant.name for variant in VARIANTS}) == len(VARIANTS)
