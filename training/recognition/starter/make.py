"""Makes the starter model: draws texts in many fonts and trains `ctc` on them. `make starter` runs it.

It sees drawn pictures only. A twentieth of the fonts is kept from training, so that its accuracy is that on fonts it
has never met.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import platform
import string
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray

from labeling.imaging.recipe import Recipe
from labeling.imaging.slicing import WholePicture
from labeling.imaging.steps import Channel
from training.recognition.alphabets import Alphabet
from training.recognition.architectures import get_architecture
from training.recognition.data import PICTURES_FILE, Samples
from training.recognition.fit import fit_reader
from training.recognition.metrics import character_accuracy, whole_string_accuracy
from training.recognition.progress import EpochMetrics, SilentListener
from training.recognition.starter import (
    ALPHABET,
    LICENCES_FILE,
    RECORD_FILE,
    WEIGHTS_FILE,
    read_record,
    save_weights,
)
from training.recognition.synthesis.drawing import draw
from training.recognition.synthesis.style import BROAD
from training.recognition.synthesis.typefaces import Typeface, UnusableFont
from training.recognition.task import ReadingTask
from training.recognition.trained import TrainedNetwork

FONTS = Path(__file__).parent / "fonts" / "node_modules"

LENGTHS = (3, 6)
"""Enough to learn how characters follow each other; what is convolutional reads longer texts, too."""

WIDTH = 36
"""Width of a picture in pixels for each character of the longest text: nine in ten texts fit without squeezing, and
little is wasted on empty ground."""

FEWEST_CHARACTERS = 10
"""A font that writes fewer characters of the alphabet is left out."""

HELD_OUT = 20
"""One family of fonts out of so many is kept for validation."""

CHUNK = 500
"""Pictures that a process draws at a time."""

TASK = ReadingTask(
    Alphabet(ALPHABET),
    *LENGTHS,
    case_sensitive=True,
    recipe=Recipe((Channel("colour"),), WholePicture()),
)

HYPERPARAMETERS = {
    "width_per_character": WIDTH,
    "learning_rate": 0.003,
    "batch_size": 64,
    "patience": 10_000,
    "shift": 0.03,
    "rotation": 2.0,
    "scale": 0.1,
    "shear": 6.0,
    "warp": 0.03,
    "brightness": 0.0,
    "noise": 0.0,
    "dropout": 0.05,
    "guidance": 0.05,
    "weight_decay": 0.003,
}
"""Gentle changes only: hardly a drawn picture is seen often."""

KINDS = {
    string.digits: 0.15,
    string.digits + string.ascii_lowercase: 0.3,
    string.digits + string.ascii_uppercase: 0.3,
    ALPHABET: 0.25,
}
"""The characters that may occur together, and the share of pictures in which they do."""

INPUT = get_architecture("ctc").input_shape(TASK, HYPERPARAMETERS)

STYLE = dataclasses.replace(BROAD, height=INPUT[0], max_width=INPUT[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--fonts", type=Path, default=FONTS, help="folder of font files")
    parser.add_argument("--images", type=int, default=150_000, help="pictures to draw for training")
    parser.add_argument("--minutes", type=float, default=45.0, help="longest training")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--folder", type=Path, default=Path(__file__).parent, help="where the model is written"
    )
    parser.add_argument(
        "--go-on", action="store_true", help="begin with the present starter and train it further"
    )
    arguments = parser.parse_args()
    families = font_families(arguments.fonts)
    if len(families) < HELD_OUT:
        parser.error(f"{arguments.fonts} holds {len(families)} families; install them with `make starter`.")
    train_files = [file for index, family in enumerate(families) if index % HELD_OUT for file in family]
    held_out_files = [file for family in families[::HELD_OUT] for file in family]
    hyperparameters = HYPERPARAMETERS | {"starter": int(arguments.go_on)}
    with tempfile.TemporaryDirectory() as folder:
        train = draw_samples(train_files, arguments.images, arguments.seed, Path(folder) / "train")
        validation = draw_samples(held_out_files, 1_500, arguments.seed + 1, Path(folder) / "validation")
        architecture = get_architecture("ctc")
        result = fit_reader(
            task=TASK,
            architecture=architecture,
            hyperparameters=hyperparameters,
            train=train,
            validation=validation,
            folder=Path(folder) / "run",
            seed=arguments.seed,
            max_epochs=10_000,
            max_minutes=arguments.minutes,
            listener=_Printing(),
        )
        readings = [each.text for each in result.model.read(validation)]
    assert isinstance(result.model, TrainedNetwork)
    save_weights(result.model.network, arguments.folder / WEIGHTS_FILE)
    record: dict[str, object] = {
        "images": len(train),
        "fonts": len(train_files),
        "held_out_fonts": len(held_out_files),
        "families": len(families),
        "alphabet": ALPHABET,
        "lengths": LENGTHS,
        "seed": arguments.seed,
        "hyperparameters": hyperparameters,
        "epochs": len(result.history),
        "minutes": round(result.seconds / 60, 1),
        "weights": result.model.parameter_count,
        "validation": _accuracy(validation.texts, readings),
        "validation_without_case": _accuracy(
            [text.lower() for text in validation.texts], [text.lower() for text in readings]
        ),
        "python": platform.python_version(),
        "packages": {
            name: version(name) for name in ("keras", "tensorflow-cpu", "pillow", "opencv-python-headless")
        },
    }
    if arguments.go_on:
        record["begun_with"] = read_record()
    (arguments.folder / RECORD_FILE).write_text(json.dumps(record, indent=2) + "\n")
    licences = json.dumps(font_licences(arguments.fonts), indent=2)
    (arguments.folder / LICENCES_FILE).write_text(licences + "\n")
    print(json.dumps(record, indent=2))


def font_families(folder: Path) -> list[list[Path]]:
    """For each package of a folder, in the order of their names, its regular and its boldest upright font file with
    the Latin letters that can be read and write enough of the alphabet."""
    families = []
    for package in sorted(folder.glob("@*/*")):
        regular = sorted(package.rglob("*-latin-400-normal.woff"))
        bold = sorted(package.rglob("*-latin-[789]00-normal.woff"))
        family = [path for path in regular[:1] + bold[-1:] if _is_usable(path)]
        if family:
            families.append(family)
    return families


def _is_usable(path: Path) -> bool:
    try:
        return len(Typeface(path).writes(ALPHABET)) >= FEWEST_CHARACTERS
    except UnusableFont:
        return False


def font_licences(folder: Path) -> dict[str, dict[str, str]]:
    """Version and licence of each font package in a folder, as the packages themselves name them."""
    packages = [json.loads(path.read_text()) for path in sorted(folder.glob("@*/*/package.json"))]
    return {each["name"]: {"version": each["version"], "licence": each["license"]} for each in packages}


def draw_samples(files: list[Path], count: int, seed: int, folder: Path) -> Samples:
    """`count` pictures of random texts as inputs of `ctc`, in a file of their own, drawn by all processors."""
    folder.mkdir(parents=True)
    texts: list[str] = []
    seeds = range(seed * 1_000_000, seed * 1_000_000 + count // CHUNK)
    with (
        (folder / PICTURES_FILE).open("wb") as file,
        ProcessPoolExecutor(initializer=_load_typefaces, initargs=(files,)) as pool,
    ):
        for pictures, of_chunk in pool.map(_draw_chunk, seeds):
            file.write(pictures.tobytes())
            texts += of_chunk
            if len(texts) % (20 * CHUNK) == 0:
                print(f"{len(texts)} of {count} pictures drawn", flush=True)
    shape = (len(texts), 1, *INPUT)
    return Samples(np.memmap(folder / PICTURES_FILE, np.uint8, "r", shape=shape), tuple(texts))


_typefaces: list[tuple[Typeface, str]] = []
"""In each drawing process: the fonts and what they can write."""


def _load_typefaces(files: list[Path]) -> None:
    cv2.setNumThreads(1)
    _typefaces[:] = [(face, face.writes(ALPHABET)) for face in map(Typeface, files)]


def _draw_chunk(seed: int) -> tuple[NDArray[np.uint8], list[str]]:
    random = Random(seed)
    pictures = np.empty((CHUNK, *INPUT), np.uint8)
    texts = []
    for picture in pictures:
        characters: list[str] = []
        while not characters:
            chosen = random.sample(_typefaces, k=3)
            (kind,) = random.choices(tuple(KINDS), weights=tuple(KINDS.values()))
            characters = [each for each in kind if all(each in written for _, written in chosen)]
        text = "".join(random.choices(characters, k=random.randint(*LENGTHS)))
        drawn = draw(text, [face for face, _ in chosen], STYLE, random)
        width = drawn.shape[1]
        picture[:, :width], picture[:, width:] = drawn, drawn[:, -1:]
        texts.append(text)
    return pictures, texts


def _accuracy(texts: Sequence[str], readings: Sequence[str]) -> dict[str, float]:
    return {
        "n": len(texts),
        "whole_string": round(whole_string_accuracy(texts, readings), 4),
        "per_character": round(character_accuracy(texts, readings), 4),
    }


class _Printing(SilentListener):
    def on_epoch(self, metrics: EpochMetrics) -> None:
        print(
            f"epoch {metrics.epoch}: {metrics.seconds / 60:.1f} min, loss {metrics.loss:.3f}, whole-string "
            f"{metrics.whole_string_accuracy:.3f}, per character {metrics.character_accuracy:.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
