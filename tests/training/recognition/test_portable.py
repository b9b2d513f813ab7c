"""The zip that reads by itself, unpacked and run where nothing of the project can be imported but what is in it."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from labeling.imaging.decode import decode_image
from tests.training.recognition.drawings import draw_many, random_texts, reading_task
from training.recognition.architectures import get_architecture
from training.recognition.data import build_samples
from training.recognition.export import export_reader
from training.recognition.fit import fit_reader
from training.recognition.portable import READER, needed_modules, requirements, write_archive
from training.recognition.reader import Reader

SMALL = {"height": 16, "width_per_character": 16, "epoch_images": 0, "starter": 0, "batch_size": 8}
MODELS: dict[str, tuple[dict[str, Any], tuple[int, int]]] = {
    "slots": (SMALL, (2, 2)),
    "ctc": (SMALL, (1, 3)),
    "random_forest": ({"trees": 3}, (2, 2)),
}


@pytest.fixture(scope="module", params=MODELS)
def exported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A model that has hardly learnt: its confidences are far from 0 and 1, so that a difference would show."""
    hyperparameters, lengths = MODELS[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    task, architecture = reading_task("01", lengths), get_architecture(request.param)
    train, validation = (
        build_samples(draw_many(random_texts(24, "01", lengths, seed), seed=seed), task, architecture, hyperparameters)
        for seed in (1, 2)
    )  # fmt: skip
    result = fit_reader(
        task=task, architecture=request.param, hyperparameters=hyperparameters, train=train, validation=validation,
        folder=folder / "fit", max_epochs=2,
    )  # fmt: skip
    assert result.model is not None
    export_reader(result.model, folder / "model.onnx", [])
    return (folder / "model.onnx").read_bytes()


def unpacked(model: bytes, folder: Path) -> Path:
    file = io.BytesIO()
    write_archive(file, model=model, card="# Model 7\n", card_json={"model": "Model 7"})
    zipfile.ZipFile(file).extractall(folder)
    return folder


def test_the_ten_lines_read_what_the_site_reads(exported: bytes, tmp_path: Path) -> None:
    folder = unpacked(exported, tmp_path / "zip")
    pictures = []
    for number, (pixels, _) in enumerate(draw_many(random_texts(6, "01", (2, 2), 9), seed=9)):
        pictures.append(tmp_path / f"{number}.png")
        Image.fromarray(pixels).save(pictures[-1])
    done = subprocess.run(
        [sys.executable, "-s", "-E", "read.py", *map(str, pictures)],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    reader = Reader(exported)
    wanted = [reader.read([decode_image(path.read_bytes()).pixels])[0] for path in pictures]
    assert done.stdout.splitlines() == [
        f"{path}\t{reading.text}\t{reading.confidence:.6f}"
        for path, reading in zip(pictures, wanted, strict=True)
    ]


def test_reading_takes_nothing_but_what_the_zip_says_must_be_installed(
    exported: bytes, tmp_path: Path
) -> None:
    folder = unpacked(exported, tmp_path / "zip")
    Image.new("RGB", (40, 20), "white").save(tmp_path / "white.png")
    code = (
        "import runpy, sys; sys.path.insert(0, ''); sys.argv[:] = ['read.py', '../white.png']; "
        "runpy.run_path('read.py'); import labeling, training; "
        "print(labeling.__file__, training.__file__); "
        "print([name for name in ('django', 'keras', 'tensorflow', 'onnx', 'scipy', 'cv2') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-s", "-E", "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    _, files, foreign = done.stdout.splitlines()
    assert files == f"{folder}/labeling/__init__.py {folder}/training/__init__.py"
    assert foreign == "[]"


def test_opencv_is_asked_for_only_where_pictures_are_cut(exported: bytes) -> None:
    is_cut = Reader(exported).takes_boxes
    assert ("opencv-python-headless" in requirements(exported)) == is_cut


def test_the_reader_has_about_ten_lines() -> None:
    assert len([line for line in READER.read_text().splitlines() if line.strip()]) <= 10


def test_the_modules_in_the_zip_know_neither_django_nor_rows() -> None:
    for path in needed_modules():
        text = path.read_text()
        assert "django" not in text
        assert "models import" not in text
