"""Preparations: saving a recipe, previewing one, and knowing which is in force."""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models import Max

from labeling.dispatch import dispatch
from labeling.errors import Refused
from labeling.imaging.arrays import Pixels
from labeling.imaging.decode import UnreadableImage, decode_image
from labeling.imaging.fixed_noise import NothingFixed, RemoveFixed, estimate_fixed
from labeling.imaging.proposal import Proposal, propose_recipe
from labeling.imaging.recipe import InvalidRecipe, Recipe
from labeling.imaging.rendering import picture_to_png
from labeling.imaging.slicing import Box
from labeling.imaging.step import Step
from labeling.imaging.steps import apply_steps
from labeling.jobs import JobState
from labeling.models import Image, Preparation, Project
from labeling.services.audit import Action, record

PROPOSAL_IMAGES = 60
"""How many images a proposal looks at."""

PATTERN_IMAGES = 500
"""From how many images a fixed pattern is estimated, at most."""

MAX_SAMPLE_PIXELS = 100_000_000
"""Samples end here at the latest: somebody waits for them on a page."""


def current_preparation(project: Project) -> Preparation:
    """Return the preparation that new runs use: the newest."""
    newest: Preparation = project.preparations.order_by("-version")[0]
    return newest


def save_preparation(*, project: Project, user: Any, recipe: Recipe) -> Preparation:
    """Make a recipe the project's current one and have a worker cut the slices. The current recipe again: no change.

    Raises:
        Refused: a step needs a pattern, and none can be estimated from the project's images.
    """
    recipe = estimate_patterns(project=project, recipe=recipe)
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
        record(project=project, user=user, action=Action.PREPARATION_CHANGED, target=f"preparation {version}")
    dispatch("labeling.tasks.run_slicing", preparation.pk)
    return preparation


def propose_preparation(*, project: Project) -> Proposal:
    """Propose a recipe from a random sample of the project's images.

    Raises:
        Refused: there are no images.
    """
    sample = list(_sample(project, PROPOSAL_IMAGES))
    if not sample:
        raise Refused("A recipe is suggested from the images, and there are none yet. Import some first.")
    return propose_recipe(sample, (project.min_length, project.max_length))


def estimate_patterns(*, project: Project, recipe: Recipe) -> Recipe:
    """Give every remove_fixed step without a pattern one that is estimated from the project's images.

    Raises:
        Refused: the images are too few or of differing sizes, or share nothing.
    """
    steps: list[Step] = []
    for step in recipe.steps:
        if isinstance(step, RemoveFixed) and not step.pattern:
            pictures = (apply_steps(pixels, steps) for pixels in _sample(project, PATTERN_IMAGES))
            try:
                step = estimate_fixed(pictures, step.method)
            except NothingFixed as error:
                raise Refused(str(error)) from None
        steps.append(step)
    return replace(recipe, steps=tuple(steps))


def _sample(project: Project, count: int) -> Iterator[Pixels]:
    """Yield up to `count` images, drawn at random, though always the same ones: those of the smallest hashes."""
    total = 0
    for image in project.images.order_by("sha256")[:count]:
        try:
            with image.file.open("rb") as file:
                pixels = decode_image(file.read()).pixels
        except (UnreadableImage, OSError):
            continue
        total += pixels.shape[0] * pixels.shape[1]
        if total > MAX_SAMPLE_PIXELS:
            return
        yield pixels


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
