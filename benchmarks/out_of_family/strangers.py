"""Images that are none of a family: those of other sets, and pictures of other things."""

import base64
import io
import json
import random
from collections.abc import Callable, Sequence
from functools import lru_cache

import cv2
import numpy as np
from PIL import Image
from sklearn.datasets import load_sample_images

from benchmarks.accuracy import generators, images
from benchmarks.accuracy.images import Labelled
from benchmarks.common import image_set, sized
from labeling.imaging.arrays import Pixels
from labeling.imaging.decode import decode_image

COUNT = sized(500, 40)
GENERATED = "captcha"
ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"

Size = tuple[int, int]
"""Height and width."""


@lru_cache(maxsize=1)
def generated() -> list[Labelled]:
    """Images of PyPI's `captcha`: coloured characters with dots and a curve, 160x60."""
    return generators.captchas(sized(2000, 150), ALPHABET, 4, seed=11)


def hackmit() -> list[Pixels]:
    """Unlabelled, so no family of its own here: 1,000 images of its first file."""
    rows = json.loads((image_set("hackmit") / "challenge-0.json").read_text())["images"]
    return [decode_image(base64.b64decode(row["jpg_base64"])).pixels for row in rows]


SETS: dict[str, Callable[[], list[Pixels]]] = {
    "wilhelmy": lambda: _pixels(images.wilhelmy()),
    "digits4": lambda: _pixels(images.digits4()),
    "varlen": lambda: _pixels(images.varlen()),
    "hackmit": hackmit,
    GENERATED: lambda: _pixels(generated()),
}
THINGS = ("photos", "clouds", "noise", "blank")


def of_set(name: str) -> list[Pixels]:
    """COUNT images of a set, drawn at random."""
    found = SETS[name]()
    return random.Random(name).sample(found, min(COUNT, len(found)))


def resized(pictures: Sequence[Pixels], size: Size) -> list[Pixels]:
    """Pictures as large as the family's own, so that their size tells nothing."""
    height, width = size
    return [cv2.resize(each, (width, height), interpolation=cv2.INTER_AREA) for each in pictures]


def of_things(name: str, size: Size) -> list[Pixels]:
    """COUNT pictures of a size that show no text: parts of the two photos that come with scikit-learn, clouds (noise
    whose energy falls with its frequency, as in nature), noise, or one colour each."""
    draw = np.random.default_rng(THINGS.index(name))
    return [_rgba(_DRAWN[name](draw, size)) for _ in range(COUNT)]


def _photo(draw: np.random.Generator, size: Size) -> np.ndarray:
    photos = load_sample_images().images
    photo = photos[draw.integers(len(photos))]
    shape = np.array(size)
    largest = (np.array(photo.shape[:2]) / shape).min()
    part = np.floor(shape * draw.uniform(min(1, largest), largest)).astype(int)
    top, left = (draw.integers(0, whole - own + 1) for whole, own in zip(photo.shape, part, strict=False))
    cut = photo[top : top + part[0], left : left + part[1]]
    # As photos come: through a JPEG file.
    file = io.BytesIO()
    Image.fromarray(cut).resize((size[1], size[0]), Image.Resampling.BOX).save(file, "JPEG", quality=85)
    return np.asarray(Image.open(file))


def _clouds(draw: np.random.Generator, size: Size) -> np.ndarray:
    height, width = size
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None])
    falling = 1 / np.maximum(frequency, 1 / max(size))
    planes = [np.fft.ifft2(np.fft.fft2(draw.normal(size=size)) * falling).real for _ in range(3)]
    mixed = 0.3 * np.stack(planes, axis=2) + 0.7 * np.mean(planes, axis=0)[..., None]
    return 128 + draw.uniform(20, 70) * mixed / mixed.std() + draw.uniform(-60, 60)


_DRAWN: dict[str, Callable[[np.random.Generator, Size], np.ndarray]] = {
    "photos": _photo,
    "clouds": _clouds,
    "noise": lambda draw, size: draw.integers(0, 256, (*size, 3)),
    "blank": lambda draw, size: np.broadcast_to(draw.integers(0, 256, 3), (*size, 3)),
}


def _rgba(picture: np.ndarray) -> Pixels:
    values = np.clip(picture, 0, 255).astype(np.uint8)
    return np.dstack([values, np.full(values.shape[:2], 255, np.uint8)])


def _pixels(found: Sequence[Labelled]) -> list[Pixels]:
    return [image.pixels for image in found]
