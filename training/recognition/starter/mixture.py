"""The pictures that the starter learns from: random texts in many fonts, each drawn in a look of its own.

No captcha of the world and no generator of captchas has a part in them.
"""

from __future__ import annotations

import dataclasses
import json
import multiprocessing
import string
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import count
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
from training.recognition.data import Samples
from training.recognition.starter import ALPHABET
from training.recognition.starter.effects import spoil
from training.recognition.synthesis.drawing import draw
from training.recognition.synthesis.style import BROAD
from training.recognition.synthesis.typefaces import Typeface, UnusableFont
from training.recognition.task import ReadingTask

FONTS = Path(__file__).parent / "fonts" / "node_modules"

LENGTHS = (3, 8)

WIDTH = 26
"""Width of a picture in pixels for each character of the longest text. Most texts are shorter; those that are too wide
are squeezed."""

FEWEST_CHARACTERS = 10
"""A font that writes fewer characters of the alphabet is left out."""

HELD_OUT = 20
"""One family of fonts out of so many is kept for validation."""

PROCESSES = multiprocessing.get_context("spawn")
"""Not forked: a copy of a process in which a training framework runs threads may wait for them for ever."""

CHUNK = 256
"""Pictures that a process draws at a time, from one seed."""

TASK = ReadingTask(
    Alphabet(ALPHABET),
    *LENGTHS,
    case_sensitive=True,
    recipe=Recipe((Channel("colour"),), WholePicture()),
)

KINDS = {
    string.digits: 0.2,
    string.ascii_lowercase: 0.1,
    string.ascii_uppercase: 0.1,
    string.digits + string.ascii_lowercase: 0.2,
    string.digits + string.ascii_uppercase: 0.2,
    ALPHABET: 0.2,
}
"""The characters that may occur together, and the share of pictures in which they do."""

SOBER = {"sans-serif": 5.0, "serif": 3.0, "monospace": 4.0}
"""How much more often than others fonts of these categories are drawn: most captchas are written in plain ones."""

INPUT = get_architecture("ctc").input_shape(TASK, {"width_per_character": WIDTH})

LOOSE = dataclasses.replace(
    BROAD, height=INPUT[0], max_width=INPUT[1], text_height=(0.4, 1.0), contrast=0.25, dark=0.3
)

CLOSE = dataclasses.replace(
    LOOSE, text_height=(0.8, 1.0), margin=(0.0, 0.2), wide_spacing=(0.3, 2.5), wide=0.4, many_colours=0.5
)
"""As preparations show texts that they have found in wide pictures: without margins, often far apart."""

STYLES = {"loose": (LOOSE, 0.7), "close": (CLOSE, 0.3)}
"""What pictures look like, and the share that looks so."""


@dataclass(frozen=True)
class FontFile:
    """A font of the mixture: the characters of the alphabet that it writes, and how much more often than others it is
    drawn."""

    path: Path
    characters: str
    weight: float = 1.0


def font_families(folder: Path = FONTS) -> list[list[FontFile]]:
    """For each package of a folder, in the order of their names, its regular, its lightest and its boldest upright font
    file with the Latin letters that can be read and write enough of the alphabet."""
    packages = sorted(folder.glob("@*/*"))
    with ProcessPoolExecutor(mp_context=PROCESSES) as pool:
        families = pool.map(_family, packages, chunksize=16)
        return [family for family in families if family]


def _family(package: Path) -> list[FontFile]:
    regular = sorted(package.rglob("*-latin-400-normal.woff"))
    bold = sorted(package.rglob("*-latin-[789]00-normal.woff"))
    light = sorted(package.rglob("*-latin-[123]00-normal.woff"))
    weight = SOBER.get(_category(package), 1.0)
    files = [FontFile(path, written_in(path), weight) for path in regular[:1] + light[:1] + bold[-1:]]
    return [file for file in files if len(file.characters) >= FEWEST_CHARACTERS]


def split_families(families: Sequence[Sequence[FontFile]]) -> tuple[list[FontFile], list[FontFile]]:
    """The font files to train on, and those that are kept for validation."""
    train = [file for index, family in enumerate(families) if index % HELD_OUT for file in family]
    held_out = [file for family in families[::HELD_OUT] for file in family]
    return train, held_out


def _category(package: Path) -> str:
    try:
        return str(json.loads((package / "metadata.json").read_text()).get("category", ""))
    except (OSError, ValueError):
        return ""


def written_in(path: Path) -> str:
    """The characters of the alphabet that a font file writes; none where it is not a font."""
    try:
        return Typeface(path).writes(ALPHABET)
    except UnusableFont:
        return ""


def font_licences(folder: Path) -> dict[str, dict[str, str]]:
    """Version and licence of each font package in a folder, as the packages themselves name them."""
    packages = [json.loads(path.read_text()) for path in sorted(folder.glob("@*/*/package.json"))]
    return {each["name"]: {"version": each["version"], "licence": each["license"]} for each in packages}


Chunk = tuple[NDArray[np.uint8], list[str], list[str]]
"""Pictures uint8 (n, *INPUT), their texts, and the characters that might have been in each."""


class Mixture:
    """Draws the pictures of the mixture in processes of its own; close it when done.

    Equal seeds give equal pictures, whatever the number of processes.
    """

    def __init__(self, files: Sequence[FontFile], processes: int) -> None:
        self._pool = ProcessPoolExecutor(
            processes, PROCESSES, initializer=_load_typefaces, initargs=(list(files),)
        )

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def batches(self, pictures: int, seed: int, first: int = 0) -> Iterator[Samples]:
        """Yields samples of so many pictures each, for ever, from the `first` batch of a seed on; the next one is
        drawn while the caller works with the one before."""
        chunks = -(-pictures // CHUNK)
        waiting = self._submit(chunks, seed, first)
        for following in count(first + 1):
            drawn = [each.result() for each in waiting]
            waiting = self._submit(chunks, seed, following)
            yield _samples(drawn)

    def kinds(self, pictures: int, seed: int) -> tuple[Samples, list[str]]:
        """Samples, and for each the characters that might have been in it."""
        drawn = [each.result() for each in self._submit(-(-pictures // CHUNK), seed, 0)]
        return _samples(drawn), [kind for _, _, kinds in drawn for kind in kinds]

    def _submit(self, chunks: int, seed: int, batch: int) -> list[Future[Chunk]]:
        return [self._pool.submit(_draw_chunk, f"{seed} {batch} {chunk}") for chunk in range(chunks)]


def _samples(drawn: Sequence[Chunk]) -> Samples:
    pictures = np.concatenate([of_chunk for of_chunk, _, _ in drawn])
    return Samples(pictures[:, None], tuple(text for _, texts, _ in drawn for text in texts))


_typefaces: list[tuple[Typeface, str]] = []
_weights: list[float] = []
"""In each drawing process: the fonts, what they write, and how often each is drawn."""


def _load_typefaces(files: Sequence[FontFile]) -> None:
    cv2.setNumThreads(1)
    _typefaces[:] = [(Typeface(file.path), file.characters) for file in files]
    _weights[:] = [file.weight for file in files]


def _draw_chunk(seed: str) -> Chunk:
    random = Random(seed)
    pictures = np.empty((CHUNK, *INPUT), np.uint8)
    texts, kinds = [], []
    for picture in pictures:
        characters: list[str] = []
        while not characters:
            chosen = random.choices(_typefaces, _weights, k=3)
            (kind,) = random.choices(tuple(KINDS), weights=tuple(KINDS.values()))
            characters = [each for each in kind if all(each in written for _, written in chosen)]
        text = "".join(random.choices(characters, k=random.randint(*LENGTHS)))
        ((style, _),) = random.choices(
            tuple(STYLES.values()), [probability for _, probability in STYLES.values()]
        )
        drawn = spoil(draw(text, [face for face, _ in chosen], style, random), random)
        width = drawn.shape[1]
        picture[:, :width], picture[:, width:] = drawn, drawn[:, -1:]
        texts.append(text)
        kinds.append(kind)
    return pictures, texts, kinds
