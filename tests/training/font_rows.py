"""Fonts that belong to a project, from a file that a package ships."""

from pathlib import Path

from captcha.image import DEFAULT_FONTS
from PIL import ImageFont

from labeling.models import Project
from training.models import UploadedFont
from training.services.fonts import upload_font

DROID = Path(DEFAULT_FONTS[0]).read_bytes()
"""Droid Sans Mono, TrueType."""


def latin_font() -> bytes:
    """The font that Pillow brings along: Aileron, with Latin letters only."""
    default = ImageFont.load_default(20)
    assert isinstance(default, ImageFont.FreeTypeFont)
    return default.font_bytes


def add_font(project: Project) -> UploadedFont:
    """Upload Droid Sans Mono."""
    return upload_font(project=project, user=None, file_name="droid.ttf", data=DROID)
