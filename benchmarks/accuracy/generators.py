"""Images drawn for the comparison, the same ones for the same seed."""

import random
from typing import Any
from unittest.mock import patch

import captcha.image
import numpy as np
from captcha.image import DEFAULT_FONTS, ImageCaptcha
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from benchmarks.accuracy.images import Labelled
from training.recognition.synthesis.packages import Secrets

SIX_DIGITS_SIZE = (120, 40)


def captchas(
    count: int, alphabet: str, length: int, seed: int, width: int = 160, height: int = 60
) -> list[Labelled]:
    """Images of PyPI's `captcha` with its own font, dots and curve; texts are drawn at random."""
    draw = random.Random(seed)
    painter = ImageCaptcha(width=width, height=height)
    texts = ["".join(draw.choices(alphabet, k=length)) for _ in range(count)]
    with patch.object(captcha.image, "secrets", Secrets(random.Random(seed))):
        return [Labelled(_rgba(painter.generate_image(text)), text) for text in texts]


def six_digits(count: int, seed: int) -> list[Labelled]:
    """Six digits in colour on a pale ground, 120x40, each turned and moved a little, with dots and a line."""
    draw = random.Random(seed)
    fonts = [ImageFont.truetype(DEFAULT_FONTS[0], size) for size in (24, 27, 30)]
    texts = ["".join(draw.choices("0123456789", k=6)) for _ in range(count)]
    return [Labelled(_rgba(_draw_six_digits(text, fonts, draw)), text) for text in texts]


def _draw_six_digits(text: str, fonts: list[ImageFont.FreeTypeFont], draw: random.Random) -> Image.Image:
    width, height = SIX_DIGITS_SIZE
    picture = Image.new("RGB", SIX_DIGITS_SIZE, tuple(draw.randint(215, 255) for _ in range(3)))
    cell = width / len(text)
    for place, digit in enumerate(text):
        tile = Image.new("L", (32, 32), 0)
        ImageDraw.Draw(tile).text((16, 16), digit, fill=255, font=draw.choice(fonts), anchor="mm")
        tile = tile.rotate(draw.uniform(-20, 20), Image.Resampling.BILINEAR)
        corner = (
            int((place + 0.5) * cell - 16 + draw.uniform(-3, 3)),
            int(height / 2 - 16 + draw.uniform(-4, 4)),
        )
        picture.paste(tuple(draw.randint(0, 140) for _ in range(3)), corner, tile)
    canvas = ImageDraw.Draw(picture)
    ink = tuple(draw.randint(0, 160) for _ in range(3))
    canvas.line([(0, draw.randint(5, 35)), (width, draw.randint(5, 35))], fill=ink, width=1)
    for _ in range(60):
        canvas.point((draw.randrange(width), draw.randrange(height)), fill=ink)
    return picture.filter(ImageFilter.SMOOTH)


def _rgba(picture: Image.Image) -> Any:
    return np.asarray(picture.convert("RGBA"))
