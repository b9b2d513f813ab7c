"""`python -m benchmarks.synthesis`: how fast texts are drawn, beside PyPI's `captcha`.

All draw four characters of a-z0-9 at 100x50 with two processes, in turns. A rate is of a whole call: the start of its
processes and the way of the pictures to this one are in it. The peer draws as its users do, with its own font, dots
and curve, and a pool of two processes hands its pictures over as arrays.
"""

from __future__ import annotations

import dataclasses
import json
import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from string import ascii_lowercase, digits
from typing import Any

import numpy as np
from captcha.image import ImageCaptcha

from benchmarks.common import RESULTS, save, sized
from benchmarks.speed.timing import ratio, summary
from training.recognition.synthesis.any_style import AnyStyle
from training.recognition.synthesis.fonts import Font, find_fonts, writing
from training.recognition.synthesis.ready import READY
from training.recognition.synthesis.source import CHUNK, RGBA, draw_pictures, random_texts_of
from training.recognition.synthesis.style import BROAD

WIDTH, HEIGHT = 100, 50
PROCESSES = 2
GOAL = 2_000
"""Pictures a second."""

ROUNDS = sized(15, 2)
PICTURES = sized(20_000, 1_000)
PEER_PICTURES = sized(4_000, 400)
"""It draws fewer in the same time."""

ALPHABET = digits + ascii_lowercase
LENGTH = 4

PEER = "PyPI's `captcha`, its own style"


def main() -> None:
    fonts = writing(find_fonts(), ALPHABET)
    contestants: dict[str, tuple[int, Callable[[Sequence[str], int], int]]] = {
        "Coloured bands and fixed lines, `bands`": (PICTURES, _by_source(READY["bands"].style, fonts)),
        "Any font, ground and noise, `broad` at this size": (
            PICTURES,
            _by_source(dataclasses.replace(BROAD, width=WIDTH, height=HEIGHT), fonts),
        ),
        PEER: (PEER_PICTURES, _by_peer),
    }
    rates: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(ROUNDS):
        for name, (count, draw) in contestants.items():
            texts = random_texts_of(ALPHABET, (LENGTH, LENGTH), count, seed=turn)
            started = time.perf_counter()
            drawn = draw(texts, turn)
            rates[name].append(drawn / (time.perf_counter() - started))
    result = {
        name: {"images_per_second": summary(found), "times_the_peer": ratio(found, rates[PEER])}
        for name, found in rates.items()
    }
    save("synthesis/rates", result, fonts=len(fonts), processes=PROCESSES, pictures=PICTURES)


def _by_source(style: AnyStyle, fonts: Sequence[Font]) -> Callable[[Sequence[str], int], int]:
    def draw(texts: Sequence[str], seed: int) -> int:
        pictures = draw_pictures(texts, style, fonts, seed, PROCESSES)
        return sum(picture.shape == (HEIGHT, WIDTH, 4) for picture, _ in pictures)

    return draw


def _by_peer(texts: Sequence[str], seed: int) -> int:
    chunks = [texts[start : start + CHUNK] for start in range(0, len(texts), CHUNK)]
    with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as pool:
        return sum(
            picture.shape == (HEIGHT, WIDTH, 4)
            for chunk in pool.map(_peer_chunk, chunks)
            for picture in chunk
        )


_painter: ImageCaptcha | None = None


def _peer_chunk(texts: Sequence[str]) -> list[RGBA]:
    global _painter
    _painter = _painter or ImageCaptcha(WIDTH, HEIGHT)
    return [np.asarray(_painter.generate_image(text).convert("RGBA")) for text in texts]


def section() -> str:
    """For docs/benchmarks.md; empty where nothing was measured."""
    path = RESULTS / "synthesis" / "rates.json"
    if not path.exists():
        return ""
    measured = json.loads(path.read_text())
    rows = "".join(_row(name, each) for name, each in measured["result"].items())
    return (
        "## Drawing texts\n\n"
        f"By `make bench-synthesis`: four characters of a-z0-9 at {WIDTH}x{HEIGHT} with {measured['processes']} "
        f"processes and\n{measured['fonts']} fonts, {measured['pictures']:,} pictures a round (the peer: "
        f"{PEER_PICTURES:,}), in turns. A rate is of a whole call: the\nstart of its processes and the way of the "
        "pictures to the one that asked are in it.\n\n"
        "| what | measured | interval, n | beside the peer | goal |\n|---|---|---|---|---|\n" + rows
    )


def _row(name: str, found: dict[str, Any]) -> str:
    rate, times = found["images_per_second"], found["times_the_peer"]
    ours = name != PEER
    beside = f"{times['ratio']:.1f} x ({times['low']:.1f} to {times['high']:.1f})" if ours else ""
    goal = f"{GOAL:,} images/s {'reached' if rate['median'] >= GOAL else 'missed'}" if ours else ""
    interval = f"{rate['low']:,.0f} to {rate['high']:,.0f}, n = {rate['n']} rounds"
    return f"| {name} | {rate['median']:,.0f} images/s | {interval} | {beside} | {goal} |\n"


if __name__ == "__main__":
    main()
