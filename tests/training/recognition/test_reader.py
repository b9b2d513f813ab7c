"""A trained, exported reader, used as pages and the API use it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.training.recognition.drawings import SMALL, draw_many, random_texts, reading_task
from training.recognition.architectures import get_architecture
from training.recognition.data import build_samples
from training.recognition.export import export_reader
from training.recognition.fit import fit_reader
from training.recognition.metrics import whole_string_accuracy
from training.recognition.reader import Reader, UnusableModel

DIGITS = "147"
UNSEEN = draw_many(random_texts(40, DIGITS, (2, 2), seed=3), seed=3)


def train_and_export(folder: Path, name: str, lengths: tuple[int, int]) -> Path:
    task, architecture = reading_task(DIGITS, lengths), get_architecture(name)
    hyperparameters = SMALL if name == "slots" else {"learning_rate": 0.005}
    train, validation = (
        build_samples(
            draw_many(random_texts(n, DIGITS, lengths, seed), seed), task, architecture, hyperparameters
        )
        for n, seed in ((128, 1), (24, 2))
    )
    result = fit_reader(
        task=task,
        architecture=name,
        hyperparameters=hyperparameters,
        train=train,
        validation=validation,
        folder=folder / "run",
        max_epochs=25,
    )
    export_reader(result.model, folder / "model.onnx", [pixels for pixels, _ in UNSEEN[:4]])
    return folder / "model.onnx"


@pytest.fixture(scope="module")
def slots_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_and_export(tmp_path_factory.mktemp("slots"), "slots", (2, 2))


@pytest.fixture(scope="module")
def range_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_and_export(tmp_path_factory.mktemp("range"), "slots", (1, 2))


@pytest.fixture(scope="module")
def sliced_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_and_export(tmp_path_factory.mktemp("sliced"), "tiny_vgg", (2, 2))


def accuracy(reader: Reader, items: list) -> float:
    readings = reader.read([pixels for pixels, _ in items])
    return whole_string_accuracy([text for _, text in items], [reading.text for reading in readings])


def test_unseen_images_are_read(slots_file: Path) -> None:
    assert accuracy(Reader(slots_file), UNSEEN) >= 0.9


def test_unseen_images_are_read_slice_by_slice(sliced_file: Path) -> None:
    assert accuracy(Reader(sliced_file), UNSEEN) >= 0.9


def test_texts_of_several_lengths_are_read(range_file: Path) -> None:
    items = draw_many(random_texts(40, DIGITS, (1, 2), seed=4), seed=4)
    assert accuracy(Reader(range_file), items) >= 0.85


def test_images_of_several_sizes_come_back_in_their_order(slots_file: Path) -> None:
    larger = draw_many([text for _, text in UNSEEN[:10]], seed=3, width=60, height=30)
    mixed = [pixels for pair in zip(UNSEEN[:10], larger, strict=True) for pixels, _ in pair]
    reader = Reader(slots_file)
    together = [reading.text for reading in reader.read(mixed)]
    assert together == [reader.read([pixels])[0].text for pixels in mixed]


def test_no_images_give_no_readings(slots_file: Path) -> None:
    assert Reader(slots_file).read([]) == []


def test_a_reading_tells_confidence_characters_and_time(slots_file: Path) -> None:
    (reading,) = Reader(slots_file).read([UNSEEN[0][0]])
    assert reading.text == "".join(character.text for character in reading.characters)
    assert reading.confidence == pytest.approx(np.prod([each.probability for each in reading.characters]))
    assert reading.milliseconds > 0


def test_alternatives_are_the_other_characters_by_falling_probability(slots_file: Path) -> None:
    (reading,) = Reader(slots_file).read([UNSEEN[0][0]])
    for character in reading.characters:
        texts = [text for text, _ in character.alternatives]
        probabilities = [character.probability, *(probability for _, probability in character.alternatives)]
        assert {character.text, *texts} == set(DIGITS)
        assert probabilities == sorted(probabilities, reverse=True)
        assert sum(probabilities) == pytest.approx(1, abs=1e-5)


def test_characters_are_found_where_they_stand(slots_file: Path) -> None:
    for reading in Reader(slots_file).read([pixels for pixels, _ in UNSEEN]):
        first, second = reading.characters
        # Each in its own half; how tightly its edges are known depends on how long the network has learnt.
        assert 0 <= first.left < (first.left + first.right) / 2 < 0.5 < (second.left + second.right) / 2
        assert first.right <= second.left + 0.1 < second.right <= 1


def test_slices_are_reported_where_they_were_cut(sliced_file: Path) -> None:
    (reading,) = Reader(sliced_file).read([UNSEEN[0][0]])
    assert [(each.left, each.right) for each in reading.characters] == [(0.0, 0.5), (0.5, 1.0)]


def test_a_reader_can_be_made_from_bytes(slots_file: Path) -> None:
    from_bytes, from_path = Reader(slots_file.read_bytes()), Reader(slots_file, threads=1)
    images = [pixels for pixels, _ in UNSEEN[:5]]
    assert [each.text for each in from_bytes.read(images)] == [each.text for each in from_path.read(images)]


def test_reading_loads_no_training_framework(slots_file: Path) -> None:
    code = (
        "import sys, numpy; from training.recognition.reader import Reader; "
        f"Reader({str(slots_file)!r}).read([numpy.zeros((24, 48, 4), numpy.uint8)]); "
        "frameworks = ('keras', 'tensorflow', 'torch', 'jax', 'onnx', 'django'); "
        "print([name for name in frameworks if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_a_file_that_is_no_model_is_refused() -> None:
    with pytest.raises(UnusableModel, match="not a model that can be loaded"):
        Reader(b"no model at all")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableModel, match="not a model that can be loaded"):
        Reader(tmp_path / "missing.onnx")


def test_a_foreign_model_is_refused(slots_file: Path) -> None:
    import onnx

    model = onnx.load(slots_file)
    del model.metadata_props[:]
    with pytest.raises(UnusableModel, match="was not exported by Captcha Workbench"):
        Reader(model.SerializeToString())
