"""Pictures in styles that are known, for fits to find out."""

import dataclasses
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from random import Random
from tempfile import gettempdir

import cv2
import numpy as np
from captcha.image import DEFAULT_FONTS
from numpy.typing import NDArray
from PIL import ImageFont

from labeling.imaging.arrays import Pixels
from tests.training.recognition.synthesis.test_drawing import CLEAN
from training.recognition.synthesis.drawing import draw
from training.recognition.synthesis.fonts import Font, Origin
from training.recognition.synthesis.style import Centre, Style

ALPHABET = "2345678acdefhkmnprtuvwxyz"

HEIGHT, WIDTH = 50, 100

CENTRES = tuple(Centre(x, 0.55, 0.03, 0.08) for x in (0.15, 0.39, 0.62, 0.85))

INK = (250, 250, 245)


def _bands() -> NDArray[np.uint8]:
    bands = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    for index, colour in enumerate(((150, 20, 40), (150, 130, 20), (60, 140, 20), (130, 90, 20))):
        bands[:, index * WIDTH // 4 : (index + 1) * WIDTH // 4] = colour
    return bands


BANDS = _bands()

LINES = np.zeros((HEIGHT, WIDTH), np.uint8)
"""Where the fixed lines are."""
for begin, end in (((5, 8), (90, 14)), ((10, 40), (95, 30))):
    cv2.line(LINES, begin, end, 255, 1)

GROUND = np.where(LINES[..., None] > 0, np.uint8(235), BANDS).astype(np.uint8)

CELLS = dataclasses.replace(
    CLEAN,
    height=HEIGHT,
    width=WIDTH,
    centres=CENTRES,
    letter_height=(0.42, 0.42),
    stretch=(1.0, 1.0),
    resize=0.0,
    rotation=(24.0, 24.0),
    upright=0.0,
    skew=(0.0, 0.0),
    ground_picture=GROUND,
    inks=(INK,),
)
"""Four turned characters, each about its own place, on bands with two fixed lines."""

LINE = dataclasses.replace(
    CELLS,
    centres=(),
    rotation=(0.0, 0.0),
    upright=1.0,
    spacing=(0.0, 0.05),
    uneven_spacing=0.0,
    rise=0.0,
    slope=0.0,
    margin=(0.1, 0.1),
    across=(0.2, 0.8),
    down=(0.2, 0.8),
    inks=((10, 20, 30),),
    ground_picture=np.full((HEIGHT, WIDTH, 3), 230, np.uint8),
)
"""Dark characters of one line on plain grey."""


@cache
def fonts() -> tuple[Font, Font]:
    """Two very different fonts that every installation has."""
    default = ImageFont.load_default(20)
    assert isinstance(default, ImageFont.FreeTypeFont)
    path = Path(gettempdir()) / "captcha-workbench-aileron.ttf"
    path.write_bytes(default.font_bytes)
    return Font("Droid Sans Mono", Path(DEFAULT_FONTS[0]), Origin.CAPTCHA), Font(
        "Aileron", path, Origin.UPLOADED
    )


def texts(count: int, seed: int, length: int = 4) -> Iterator[str]:
    random = Random(seed)
    return ("".join(random.choices(ALPHABET, k=length)) for _ in range(count))


def drawn(style: Style, font: Font, count: int, seed: int = 0, quality: int | None = None) -> list[Pixels]:
    """RGBA pictures of random texts, compressed once more where a quality is given."""
    return [
        rgba(compressed(draw(text, [font.typeface], style, Random(f"{seed} {index}")), quality))
        for index, text in enumerate(texts(count, seed))
    ]


def rgba(picture: NDArray[np.uint8]) -> Pixels:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2RGBA), np.uint8)


def compressed(picture: NDArray[np.uint8], quality: int | None) -> NDArray[np.uint8]:
    if quality is None:
        return picture
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    _, packed = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.cvtColor(cv2.imdecode(packed, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB), np.uint8)


def mean_colour(colours: Sequence[tuple[int, int, int]]) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = np.mean(np.array(colours, np.float64), axis=0)
    return mean
