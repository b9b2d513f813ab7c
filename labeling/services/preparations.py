"""Preparations: saving a recipe, previewing one, and knowing which is in force."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max

from labeling.dispatch import dispatch
from labeling.imaging.decode import UnreadableImage, decode_image
from labeling.imaging.recipe import InvalidRecipe, Recipe
from labeling.imaging.rendering import picture_to_png
from labeling.imaging.slicing import Box
from labeling.jobs import JobState
from labeling.models import Image, Preparation, Project


def current_preparation(project: Project) -> Preparation:
    """Return the preparation that new runs use: the newest."""
    newest: Preparation = project.preparations.order_by("-version")[0]
    return newest


def save_preparation(*, project: Project, user: Any, recipe: Recipe) -> Preparation:
    """Make a recipe the project's current one and have a worker cut the slices. The current recipe again: no change."""
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        current = current_preparation(project)
        if current.recipe == recipe:
            return current
        version = project.preparations.aggregate(last=Max("version"))["last"] + 1
        preparation = Preparation.objects.create(
            project=project,
            version=version,
            recipe_json=recipe.to_json(),
            created_by=user,
            state=JobState.DRAFT,
        )
        preparation.mark_queued()
    dispatch("labeling.tasks.run_slicing", preparation.pk)
    return preparation


@dataclass(frozen=True)
class Preview:
    """What a recipe makes of one image. `boxes` are in pixels of the prepared picture."""

    image: Image
    png_data_url: str
    width: int
    height: int
    boxes: list[Box]
    problem: str = ""


def preview(*, project: Project, recipe: Recipe, images: Iterable[Image]) -> list[Preview]:
    """Show what a recipe makes of some images. Nothing is saved."""
    return [_preview_one(project, recipe, image) for image in images]


def _preview_one(project: Project, recipe: Recipe, image: Image) -> Preview:
    try:
        with image.file.open("rb") as file:
            picture = recipe.prepare(decode_image(file.read()).pixels)
    except (UnreadableImage, OSError) as error:
        return Preview(image, "", 0, 0, [], f"“{image.name}” could not be read: {error}")
    problem, boxes = "", []
    try:
        boxes = recipe.boxes(picture, expected_length(project, image))
    except InvalidRecipe as error:
        problem = str(error)
    height, width = picture.shape[:2]
    url = "data:image/png;base64," + base64.b64encode(picture_to_png(picture)).decode()
    return Preview(image, url, width, height, boxes, problem)


def expected_length(project: Project, image: Image) -> int | None:
    """Return how many characters an image has, as far as that is known."""
    return len(image.text) or project.fixed_length
