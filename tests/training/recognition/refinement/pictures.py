"""Small pictures and a small preset, with which a refiner trains in seconds."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from tests.training.recognition.drawings import draw_text, random_texts
from training.recognition.refinement.presets import NARROW, Preset
from training.recognition.refinement.progress import Pictures

HEIGHT, WIDTH = 24, 48


def small(**changes: Any) -> Preset:
    """The narrow preset with networks and rounds that cost hardly anything."""
    sizes: dict[str, Any] = {
        "channels": 8,
        "blocks": 1,
        "discriminator_channels": (8, 8, 8),
        "batch_size": 8,
        "buffer_size": 32,
        "discriminator_pretraining": 40,
        "rounds": 20,
        "checkpoint_rounds": 10,
        "learning_rate": 0.002,
        "discriminator_learning_rate": 0.001,
        "regularisation": 1.0,
    }
    return dataclasses.replace(NARROW, **(sizes | changes))


def dark_on_light(count: int, seed: int = 0) -> Pictures:
    """Two digits in dark ink, uint8 (count, 24, 48, 3)."""
    random = np.random.default_rng(seed)
    texts = random_texts(count, "0123456789", (2, 2), seed)
    return np.stack([draw_text(text, random)[..., :3] for text in texts])


def brown_on_green(count: int, seed: int = 0) -> Pictures:
    """The same in other colours."""
    grey = dark_on_light(count, seed).astype(np.float32).mean(axis=-1, keepdims=True) / 255
    ink, ground = np.array([110, 60, 20]), np.array([150, 220, 160])
    return np.rint(ink + (ground - ink) * grey).astype(np.uint8)


def faded(count: int, seed: int = 0) -> Pictures:
    """The same with less contrast: what real pictures may look like."""
    return np.rint(90 + 0.45 * dark_on_light(count, seed).astype(np.float32)).astype(np.uint8)


def blank(count: int, seed: int = 0) -> Pictures:
    """No text at all: one light colour each."""
    pictures = np.empty((count, HEIGHT, WIDTH, 3), np.uint8)
    pictures[:] = np.random.default_rng(seed).integers(200, 256, (count, 1, 1, 3))
    return pictures


def large_shapes(count: int, seed: int = 0) -> Pictures:
    """No text at all: two areas whose border lies elsewhere in each picture."""
    random = np.random.default_rng(seed)
    pictures = np.full((count, HEIGHT, WIDTH, 3), 230, np.uint8)
    for picture in pictures:
        picture[:, : random.integers(4, WIDTH - 4)] = 60
    return pictures


def grain(count: int, seed: int = 0) -> Pictures:
    """No text at all: strong noise."""
    random = np.random.default_rng(seed)
    return random.integers(0, 256, (count, HEIGHT, WIDTH, 3)).astype(np.uint8)


def faintly_grained(pictures: Pictures, seed: int = 0) -> Pictures:
    random = np.random.default_rng(seed)
    noise = random.integers(-12, 13, pictures.shape)
    return np.clip(pictures.astype(np.int16) + noise, 0, 255).astype(np.uint8)
