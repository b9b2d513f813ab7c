"""OpenCV, loaded when a picture first needs it: a model whose steps do without reads where it is not installed."""

from typing import Any


def __getattr__(name: str) -> Any:
    import cv2

    return getattr(cv2, name)
