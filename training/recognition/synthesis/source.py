"""Drawn pictures as fast as the machine draws them, the same ones whoever draws them."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing
from itertools import islice
from random import Random
from threading import Thread

import cv2
import numpy as np
from numpy.typing import NDArray

from training.recognition.synthesis.any_style import AnyStyle
from training.recognition.synthesis.colours import Picture
from training.recognition.synthesis.drawing import draw
from training.recognition.synthesis.fonts import Font, MissingFont, fonts_of
from training.recognition.synthesis.packages import draw_with_package
from training.recognition.synthesis.style import Style
from training.recognition.synthesis.typefaces import Typeface
from training.recognition.task import ReadingTask

RGBA = NDArray[np.uint8]
"""Shape (height, width, 4)."""

CHUNK = 64
"""Pictures that are drawn from one seed. Whoever draws a chunk draws the same."""

AHEAD = 3
"""Chunks per process that are drawn before anyone asks for them."""

TYPEFACES = 3
"""So many may meet in one picture, where a style is written in any font."""


def random_texts(task: ReadingTask, count: int, seed: int = 0) -> list[str]:
    """Texts of the task; equal seeds give equal texts."""
    return random_texts_of(task.alphabet.characters, (task.min_length, task.max_length), count, seed)


def random_texts_of(alphabet: str, lengths: tuple[int, int], count: int, seed: int = 0) -> list[str]:
    """Texts of a shortest to a longest length, every length and every character equally often on average."""
    random = Random(f"texts {seed}")
    every_length = range(lengths[0], lengths[1] + 1)
    return ["".join(random.choices(alphabet, k=random.choice(every_length))) for _ in range(count)]


def draw_pictures(
    texts: Iterable[str], style: AnyStyle, fonts: Sequence[Font], seed: int = 0, processes: int | None = None
) -> Iterator[tuple[RGBA, str]]:
    """A picture of each text and the text, in their order; texts are asked for as they are needed.

    Equal texts, styles, fonts and seeds give equal pictures whatever the number of processes; None is one per
    processor, 1 draws in this process. A font writes only what it has glyphs for. Raises MissingFont with a sentence
    where a text cannot be written in any of the fonts, and ValueError where the style has no place for it.
    """
    chosen = fonts_of(style.fonts, fonts)
    processes = processes or _processors()
    chunks = enumerate(_chunks(texts))
    if processes == 1:
        drawn = _draw_here(chunks, _Drawer(style, chosen, seed))
    else:
        drawn = _draw_in_processes(chunks, style, chosen, seed, processes)
    with closing(drawn):
        for of_chunk, pictures in drawn:
            yield from zip(pictures, of_chunk, strict=True)


def _processors() -> int:
    """How many processes may draw: one where this process is a daemon, as Celery's are, which may have no children."""
    if multiprocessing.current_process().daemon:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


Chunk = tuple[int, list[str]]
"""Its number and its texts."""

DrawnChunks = Generator[tuple[list[str], list[RGBA]], None, None]


def _chunks(texts: Iterable[str]) -> Iterator[list[str]]:
    left = iter(texts)
    while chunk := list(islice(left, CHUNK)):
        yield chunk


def _draw_here(chunks: Iterable[Chunk], drawer: _Drawer) -> DrawnChunks:
    for chunk in chunks:
        yield chunk[1], drawer.draw(chunk)


def _draw_in_processes(
    chunks: Iterable[Chunk], style: AnyStyle, fonts: Sequence[Font], seed: int, processes: int
) -> DrawnChunks:
    # Whoever trains has threads that a forked process would inherit half of.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, context, initializer=_begin, initargs=(style, fonts, seed))
    waiting: deque[tuple[list[str], Future[list[RGBA]]]] = deque()
    try:
        for chunk in chunks:
            waiting.append((chunk[1], pool.submit(_draw, chunk)))
            if len(waiting) >= AHEAD * processes:
                texts, pictures = waiting.popleft()
                yield texts, pictures.result()
        for texts, pictures in waiting:
            yield texts, pictures.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_drawer: _Drawer | None = None
"""In each drawing process."""


def _begin(style: AnyStyle, fonts: Sequence[Font], seed: int) -> None:
    global _drawer
    cv2.setNumThreads(1)
    Thread(target=_end_with_parent, daemon=True).start()
    _drawer = _Drawer(style, fonts, seed)


def _end_with_parent() -> None:
    """A pool's processes would wait for work for ever if the process that started them was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _draw(chunk: Chunk) -> list[RGBA]:
    assert _drawer is not None
    return _drawer.draw(chunk)


class _Drawer:
    """Draws chunks in one style, and keeps what it needs for all of them."""

    def __init__(self, style: AnyStyle, fonts: Sequence[Font], seed: int) -> None:
        self._style = style
        self._typefaces = [font.typeface for font in fonts]
        self._seed = seed
        self._writers: dict[str, int] = {}

    def draw(self, chunk: Chunk) -> list[RGBA]:
        number, texts = chunk
        random = Random(f"pictures {self._seed} {number}")
        return [_opaque(self._draw(text, random)) for text in texts]

    def _draw(self, text: str, random: Random) -> Picture:
        typefaces = self._choose(text, random)
        if isinstance(self._style, Style):
            return draw(text, typefaces, self._style, random)
        return draw_with_package(text, random.choice(typefaces).path, self._style, random)

    def _choose(self, text: str, random: Random) -> list[Typeface]:
        """The typefaces that a picture of the text may be drawn with."""
        able = self._able(text)
        return able if self._style.fonts else random.sample(able, k=min(TYPEFACES, len(able)))

    def _able(self, text: str) -> list[Typeface]:
        """The typefaces that have glyphs for the whole text."""
        everyone = (1 << len(self._typefaces)) - 1
        bits = everyone
        for character in text:
            bits &= self._writing(character)
        if not bits:
            raise MissingFont(f"None of the {len(self._typefaces)} fonts has glyphs for all of {text!r}.")
        if bits == everyone:
            return self._typefaces
        return [face for index, face in enumerate(self._typefaces) if bits >> index & 1]

    def _writing(self, character: str) -> int:
        """A bit for each typeface that has a glyph for the character."""
        found = self._writers.get(character)
        if found is None:
            able = (bool(face.writes(character)) << index for index, face in enumerate(self._typefaces))
            found = self._writers[character] = sum(able)
        return found


def _opaque(picture: Picture) -> RGBA:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2RGBA), np.uint8)
