"""Drawing a few images in a style, as a training without labels would, for people to look at."""

import base64
from dataclasses import dataclass

import numpy as np

from labeling.errors import Refused
from labeling.imaging.arrays import Pixels
from labeling.imaging.rendering import picture_to_png
from labeling.models import Image, Project
from labeling.services.preparations import current_preparation
from training.models import LabelFree, UploadedFont
from training.recognition.synthesis.fonts import Font
from training.recognition.synthesis.source import draw_pictures, random_texts
from training.recognition.synthesis.style import Style
from training.services.fonts import project_fonts
from training.services.reading_task import reading_task

PICTURES = 8


@dataclass(frozen=True)
class DrawnPicture:
    """A drawn picture as a data URL, with its text."""

    url: str
    text: str


def draw_samples(
    *, project: Project, style: Style, seed: int = 0, count: int = PICTURES
) -> list[DrawnPicture]:
    """Draw random texts of a project in a style; equal seeds draw equal pictures.

    Raises:
        Refused: the style does not fit the project's texts, or no font has its characters.
    """
    fonts = _fonts(project)
    try:
        task = reading_task(project, current_preparation(project))
        texts = random_texts(task, count, seed)
        drawn = list(draw_pictures(texts, style, fonts, seed, processes=1))
    except ValueError as error:
        raise Refused(f"Nothing can be drawn in this style: {error}") from None
    return [DrawnPicture(_url(pixels), text) for pixels, text in drawn]


def _fonts(project: Project) -> list[Font]:
    """Reading hundreds of files takes a second, and a preview is drawn anew with every change."""
    uploaded = UploadedFont.objects.filter(project=project).order_by("pk")
    key = (project.pk, *uploaded.values_list("sha256", flat=True))
    if key not in _known:
        _known.clear()
        _known[key] = project_fonts(project)
    return _known[key]


_known: dict[tuple[object, ...], list[Font]] = {}


def _url(pixels: Pixels) -> str:
    png = picture_to_png(pixels[:, :, :3].astype(np.float32) / np.float32(255))
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def real_samples(label_free: LabelFree, count: int = PICTURES) -> list[Image]:
    """Return some images that a run learns from and that are still there."""
    return list(Image.objects.filter(pk__in=label_free.real_images).order_by("pk")[:count])
