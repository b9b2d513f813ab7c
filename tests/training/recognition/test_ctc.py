"""The `ctc` architecture: its input, its guidance, and a small training on texts of several lengths."""

from pathlib import Path

import numpy as np
import pytest

from tests.training.recognition.drawings import SMALL, draw_many, draw_text, random_texts, reading_task
from training.recognition.alignment import guessed_alignments
from training.recognition.architectures import get_architecture
from training.recognition.data import build_samples
from training.recognition.export import export_reader
from training.recognition.fit import fit_reader
from training.recognition.metrics import whole_string_accuracy
from training.recognition.reader import Reader
from training.recognition.trained import TrainedNetwork

DIGITS = "147"
LENGTHS = (1, 3)
CTC = get_architecture("ctc")


def test_ctc_has_410805_weights_at_36_characters() -> None:
    task = reading_task("0123456789abcdefghijklmnopqrstuvwxyz", (4, 8))
    assert CTC.build(task, {}, seed=0).count_params() == 410_805


def test_the_input_keeps_an_images_proportions() -> None:
    wide, narrow = (np.full((24, width, 4), 255, np.uint8) for width in (48, 12))
    wide[:, 47], narrow[:, 11] = (0, 0, 0, 255), (0, 0, 0, 255)
    task = reading_task(DIGITS, LENGTHS)
    samples = build_samples([(wide, "1"), (narrow, "1")], task, CTC, SMALL)
    assert samples.pictures.shape[2:4] == (16, 48)
    # The last column stands where the image ends at the input's height, and goes on to the right from there.
    first_dark = [int((picture[0, 8, :, 0] < 128).argmax()) for picture in samples.pictures]
    assert first_dark == [31, 7]


def test_ink_tells_where_the_characters_of_a_known_text_probably_stand() -> None:
    picture = draw_text("174", np.random.default_rng(0), width=72)[None, :, :, :1].astype(np.float32) / 255
    (alignment,) = guessed_alignments(picture, np.array([[0, 2, 1]]), steps=18, blank=3)
    named = [int(symbol) for symbol in alignment if symbol != 3]
    assert sorted(set(named), key=named.index) == [0, 2, 1]
    assert named == sorted(named, key=[0, 2, 1].index)


def test_an_empty_picture_still_gets_an_alignment() -> None:
    (alignment,) = guessed_alignments(np.ones((1, 16, 48, 1), np.float32), np.array([[0, 1]]), 6, blank=2)
    assert next(int(each) for each in alignment if each != 2) == 0
    assert 1 in alignment


@pytest.mark.parametrize("guidance", [0.3, 0.0])
def test_texts_of_several_lengths_are_read_after_a_short_training(tmp_path: Path, guidance: float) -> None:
    task = reading_task(DIGITS, LENGTHS)
    chosen = {**SMALL, "learning_rate": 0.005, "guidance": guidance, "height": 24, "width_per_character": 24}
    epochs = 14 if guidance else 1
    drawn = [draw_many(random_texts(n, DIGITS, LENGTHS, n), n, width=64) for n in (160, 40, 40)]
    train, validation = (build_samples(items, task, CTC, chosen) for items in drawn[:2])
    result = fit_reader(
        task=task, architecture="ctc", hyperparameters=chosen, train=train, validation=validation,
        folder=tmp_path, max_epochs=epochs,
    )  # fmt: skip
    if not guidance:
        assert np.isfinite(result.history[-1].loss)
        return
    pixels, texts = zip(*drawn[2], strict=True)
    report = export_reader(result.model, tmp_path / "model.onnx", pixels[:10])
    assert report.largest_difference <= 1e-4
    readings = Reader(tmp_path / "model.onnx").read(pixels)
    assert whole_string_accuracy(texts, [each.text for each in readings]) >= 0.9
    for reading in readings:
        edges = [(each.left, each.right) for each in reading.characters]
        assert all(0 <= left < right <= 1 for left, right in edges)
        assert edges == sorted(edges)


def test_the_texts_box_is_read_alike_before_and_after_export(tmp_path: Path) -> None:
    recipe = {"steps": [{"step": "channel", "channel": "colour"}], "slicing": {"slicing": "text"}}
    task = reading_task(DIGITS, LENGTHS, recipe)
    network = TrainedNetwork(CTC.build(task, SMALL, seed=0), task, CTC)
    images = []
    for place, (pixels, _) in enumerate(draw_many(random_texts(12, DIGITS, LENGTHS), width=40)):
        pixels[:, :, :3] = np.where(pixels[:, :, :3] > 150, 255, pixels[:, :, :3])
        margins = ((4 + place, 9), (3 * place, 30), (0, 0))
        images.append(np.pad(pixels, margins, constant_values=255))
    report = export_reader(network, tmp_path / "model.onnx", images)
    assert report.largest_difference <= 1e-4
    (first, *_) = Reader(tmp_path / "model.onnx").read(images[-1:])
    assert all(3 * 11 / images[-1].shape[1] - 0.1 <= each.left < each.right <= 1 for each in first.characters)
