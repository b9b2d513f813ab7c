"""Images with suggestions, for tests of contact sheets."""

from typing import Any
from uuid import uuid4

from labeling.models import Image, Project
from labeling.services.confirming import SaidOfCell
from labeling.services.counts import recount
from labeling.services.sheets import ContactSheet
from labeling.services.suggestions import ImageReading, write_suggestions


def bare_images(project: Project, count: int) -> list[Image]:
    """Unlabelled images without pictures."""
    rows = [
        Image(
            project=project,
            sha256=uuid4().hex * 2,
            file="none.png",
            name=f"{number}.png",
            format="PNG",
            width=72,
            height=32,
            size=1,
            fingerprint=b"",
        )
        for number in range(count)
    ]
    images = Image.objects.bulk_create(rows)
    recount(project=project)
    return images


def characters(text: str, probability: float = 0.9) -> list[dict[str, Any]]:
    """Characters of a suggestion in equal parts."""
    return [
        {
            "text": character,
            "probability": probability,
            "left": place / len(text),
            "right": (place + 1) / len(text),
            "alternatives": [],
        }
        for place, character in enumerate(text)
    ]


def suggest(images: list[Image], texts: list[str], sure: list[float] | None = None) -> None:
    """Write a suggestion for each image, each of its characters as sure as the whole."""
    rows = [
        ImageReading(image.pk, text, probability, characters(text, probability))
        for image, text, probability in zip(images, texts, sure or [0.9] * len(images), strict=True)
    ]
    write_suggestions(project=images[0].project, model_number=1, rows=rows)


def suggested_images(project: Project, texts: list[str], sure: list[float] | None = None) -> list[Image]:
    images = bare_images(project, len(texts))
    suggest(images, texts, sure)
    return images


def shown(sheet: ContactSheet) -> list[tuple[int, int | None, str]]:
    """The cells of a sheet as (image, position, what it should show)."""
    return [(cell.image.pk, cell.position, cell.shown) for group in sheet.groups for cell in group.cells]


def all_right(sheet: ContactSheet) -> list[SaidOfCell]:
    """What a person says who finds nothing wrong on a sheet."""
    cells = [cell for group in sheet.groups for cell in group.cells]
    return [SaidOfCell(cell.image.pk, cell.text, cell.position, cell.shown) for cell in cells]
