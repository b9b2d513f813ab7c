"""Readers by others that come trained, each behind a function from an encoded image to a text."""

import io
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.recognition.decoding import LatticeDecoder
from training.recognition.task import ReadingTask

Read = Callable[[Any], str]
"""From RGBA pixels to a text."""


@cache
def ddddocr_engine() -> Any:
    """ddddocr with its default model."""
    from ddddocr import DdddOcr

    return DdddOcr(show_ad=False)


@cache
def whisperer_engine() -> Any:
    from captcha_whisperer import CaptchaRecognizer

    return CaptchaRecognizer()


def ddddocr_greedy(task: ReadingTask) -> Read:
    """As it reads by itself, without regard to case."""
    engine = _with_range(None)
    return lambda pixels: str(engine.classification(Image.fromarray(pixels))).lower()


def ddddocr_range(task: ReadingTask) -> Read:
    """With its own `set_ranges`: characters outside the task's alphabet are left out of what it read."""
    engine = _with_range(task.alphabet.characters)
    return lambda pixels: str(engine.classification(Image.fromarray(pixels))).lower()


def ddddocr_constrained(task: ReadingTask) -> Read:
    """Its probabilities of the task's characters and the blank alone, decoded exactly to the task's lengths."""
    engine = _with_range(None)
    characters = task.alphabet.characters

    def read(pixels: Any) -> str:
        answer = engine.classification(Image.fromarray(pixels), probability=True)
        # (steps, images, symbols) or (images, steps, symbols), of one image.
        probabilities = np.squeeze(np.array(answer["probabilities"]))
        charset = answer["charset"]
        columns = [_columns(charset, character, task) for character in characters]
        return _constrained(probabilities, [*columns, [charset.index("")]], task)

    return read


def whisperer_greedy(task: ReadingTask) -> Read:
    """As it reads by itself; it knows no lower case."""
    engine = whisperer_engine()
    return lambda pixels: str(engine.recognize_bytes(_png(pixels))["text"]).lower()


def whisperer_constrained(task: ReadingTask) -> Read:
    """Its probabilities of the task's characters and the blank alone, decoded exactly to the task's lengths."""
    from captcha_whisperer.constants import BLANK_INDEX, LABELS
    from captcha_whisperer.preprocess import preprocess_bytes

    session = whisperer_engine()._session
    columns = [_columns(LABELS, character, task) for character in task.alphabet.characters]

    def read(pixels: Any) -> str:
        logits = session.run(None, {session.get_inputs()[0].name: preprocess_bytes(_png(pixels))})[0][:, 0]
        probabilities = np.exp(logits - logits.max(axis=1, keepdims=True))
        return _constrained(probabilities, [*columns, [BLANK_INDEX]], task)

    return read


def _with_range(characters: str | None) -> Any:
    engine = ddddocr_engine()
    manager = engine.ocr_engine.charset_manager
    if characters is None:
        manager.charset_range.clear()
    else:
        engine.set_ranges(characters + characters.upper())
    return engine


def _columns(charset: Any, character: str, task: ReadingTask) -> list[int]:
    """Where a peer's output has this character, in either case."""
    return [charset.index(form) for form in {character, character.upper()} if form in charset]


def _constrained(probabilities: NDArray[np.floating], columns: list[list[int]], task: ReadingTask) -> str:
    """The most probable text: probabilities (steps, symbols of the peer) of the columns of each of our symbols."""
    lattice = np.stack([probabilities[:, each].sum(axis=1) for each in columns], axis=1)
    lattice /= lattice.sum(axis=1, keepdims=True)
    return LatticeDecoder().decode(lattice[None], task)[0].text


def _png(pixels: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
