"""Pictures that several tests draw."""

import cv2
import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from labeling.imaging.arrays import Picture, Pixels

pixels_of_any_size = arrays.arrays(
    np.uint8, st.tuples(st.integers(1, 24), st.integers(1, 40), st.just(4)), elements=st.integers(0, 255)
)

pictures_of_any_size = arrays.arrays(
    np.float32,
    st.tuples(st.integers(1, 24), st.integers(1, 40), st.sampled_from([1, 3])),
    elements=st.floats(0, 1, width=32),
)


def solid(red: int, green: int, blue: int, alpha: int = 255, height: int = 6, width: int = 8) -> Pixels:
    return np.full((height, width, 4), (red, green, blue, alpha), np.uint8)


def with_fixed_lines(count: int = 40, *, height: int = 40, width: int = 100) -> list[Picture]:
    """Dark characters at random places on white, all crossed by the same two lines; a little noise."""
    random = np.random.default_rng(7)
    pictures = []
    for _ in range(count):
        grey = np.ones((height, width), np.float32)
        for left in (5, 35, 65):
            place = (left + int(random.integers(0, 8)), int(random.integers(22, height - 2)))
            character = "ACEHKMPRTX"[random.integers(10)]
            cv2.putText(grey, character, place, cv2.FONT_HERSHEY_SIMPLEX, 0.8, 0.1, 2)
        cv2.line(grey, (2, 6), (width - 5, height - 10), 0.2, 1)
        cv2.line(grey, (4, height - 4), (width - 3, 12), 0.2, 2)
        grey += random.normal(0, 0.02, grey.shape).astype(np.float32)
        pictures.append(grey.clip(0, 1)[:, :, None])
    return pictures


def written(texts: dict[int, str], *, width: int = 200, ink: float = 0.0, paper: float = 1.0) -> Picture:
    """Characters at given left edges on a 40 high picture."""
    grey = np.full((40, width), paper, np.float32)
    for left, text in texts.items():
        cv2.putText(grey, text, (left, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.9, ink, 2)
    return grey[:, :, None]
