"""Exported files compute with small integers where that changes nothing of what they read."""

from pathlib import Path

import numpy as np
import pytest

from tests.training.recognition.drawings import draw_many, random_texts, reading_task
from training.recognition.architectures import get_architecture
from training.recognition.export import export_reader
from training.recognition.quantising import read_alike
from training.recognition.reader import Reader, Reading
from training.recognition.trained import TrainedNetwork

DIGITS = "147"
TASK = reading_task(DIGITS, (2, 2))
SEEN, UNSEEN = (draw_many(random_texts(60, DIGITS, (2, 2), seed), seed) for seed in (3, 4))


@pytest.fixture(scope="module")
def general_reader() -> TrainedNetwork:
    """`ctc` as it begins: with the starter model, which reads drawn digits."""
    architecture = get_architecture("ctc")
    return TrainedNetwork(architecture.build(TASK, {}, seed=0), TASK, architecture)


def test_a_quantised_file_is_a_third_as_large_and_reads_unseen_images_the_same(
    general_reader: TrainedNetwork, tmp_path: Path
) -> None:
    seen = [pixels for pixels, _ in SEEN]
    exact = export_reader(general_reader, tmp_path / "exact.onnx", seen, exact=True)
    quantised = export_reader(general_reader, tmp_path / "quantised.onnx", seen)
    assert quantised.quantised
    assert not exact.quantised
    assert quantised.bytes < exact.bytes / 2.5
    readings = [Reader(each.path).read([pixels for pixels, _ in UNSEEN]) for each in (exact, quantised)]
    assert read_alike(*readings)


def test_what_pictures_look_like_is_computed_as_exactly_as_ever(
    general_reader: TrainedNetwork, tmp_path: Path
) -> None:
    seen, unseen = ([pixels for pixels, _ in some] for some in (SEEN, UNSEEN))
    exact = export_reader(general_reader, tmp_path / "exact.onnx", seen, exact=True)
    quantised = export_reader(general_reader, tmp_path / "quantised.onnx", seen)
    assert quantised.quantised
    looks = [Reader(each.path).looks(unseen) for each in (exact, quantised)]
    np.testing.assert_array_equal(*looks)


def test_a_network_too_small_to_gain_stays_exact(tmp_path: Path) -> None:
    architecture = get_architecture("tiny_vgg")
    tiny = TrainedNetwork(architecture.build(TASK, {}, seed=0), TASK, architecture)
    assert not export_reader(tiny, tmp_path / "model.onnx", [pixels for pixels, _ in SEEN]).quantised


def test_a_quantised_file_reads_an_image_alone_as_in_a_batch(
    general_reader: TrainedNetwork, tmp_path: Path
) -> None:
    report = export_reader(general_reader, tmp_path / "model.onnx", [pixels for pixels, _ in SEEN])
    assert report.quantised
    reader, unseen = Reader(report.path), [pixels for pixels, _ in UNSEEN]
    alone = [reader.read([pixels])[0] for pixels in unseen]
    assert [(each.text, each.confidence) for each in alone] == [
        (each.text, each.confidence) for each in reader.read(unseen)
    ]


def test_with_few_images_a_file_stays_exact(general_reader: TrainedNetwork, tmp_path: Path) -> None:
    assert not export_reader(
        general_reader, tmp_path / "model.onnx", [pixels for pixels, _ in SEEN[:19]]
    ).quantised


def said(text: str, confidence: float) -> Reading:
    return Reading(text, confidence, (), 1.0)


@pytest.mark.parametrize(
    ("after", "alike"),
    [
        ([said("14", 0.9)] * 100, True),
        ([said("14", 0.9)] * 99 + [said("17", 0.9)], True),
        ([said("14", 0.9)] * 98 + [said("17", 0.9)] * 2, False),
        ([said("14", 0.895)] * 100, True),
        ([said("14", 0.88)] * 100, False),
    ],
)
def test_another_text_or_another_confidence_is_not_the_same_reading(
    after: list[Reading], alike: bool
) -> None:
    assert read_alike([said("14", 0.9)] * 100, after) is alike
