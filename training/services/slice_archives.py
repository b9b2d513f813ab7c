"""Single characters cut from labelled images, in a folder per split and character: `train/7/0a1b2c_0.png`."""

from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from django import forms

from labeling.errors import Refused
from labeling.formats.zip_writer import ZipWriter
from labeling.imaging.arrays import Picture
from labeling.imaging.decode import UnreadableImage, decode_image
from labeling.imaging.labels import folder_of_text
from labeling.imaging.recipe import Recipe
from labeling.imaging.rendering import picture_to_png
from labeling.imaging.slicing import Box, TextBox, WholePicture
from labeling.imaging.steps import Channel
from labeling.models import Image, Project, Suggestion
from labeling.querysets import ImageQuerySet
from labeling.services.export_formats import ExportFormat, ExportOptions, Progress
from labeling.services.export_pictures import CHUNK, exported_images
from labeling.services.images import stored_bytes
from labeling.services.preparations import current_preparation
from labeling.slices import cells_of
from training.services.datasets import splits_of_labelled

PREPARATION, SUGGESTIONS = "preparation", "suggestions"
_AS_IT_IS = Recipe(steps=(Channel("colour"),), slicing=WholePicture())
_LEFT_OUT = "the model saw another number of characters there, or their text is newer than this export."


class SliceOptions(ExportOptions):
    cuts = forms.ChoiceField(
        choices=[
            (PREPARATION, "The current preparation cuts, from prepared pictures"),
            (SUGGESTIONS, "Where the production model saw each character"),
        ],
        initial=PREPARATION,
        label="Where to cut",
    )


class FoldersOfCharacters(ExportFormat):
    """A picture per character, in a folder named by it."""

    name = "folders"
    title = "Folders of characters"
    summary = (
        "Every character as a picture of its own: train/7/, validation/7/, test/7/. The slices of an image stay "
        "together in its split. Where an alphabet has both a and A, the folder of A is %41: some systems take "
        "a and A for the same name."
    )
    options = SliceOptions

    def extension(self, options: Mapping[str, Any]) -> str:
        return "zip"

    def total(self, project: Project, options: Mapping[str, Any]) -> int:
        return _images(project, options["cuts"]).count()

    def write(
        self, project: Project, options: Mapping[str, Any], target: BinaryIO, progress: Progress
    ) -> str:
        images, cut = _images(project, options["cuts"]), _cutter(project, options["cuts"])
        splits = splits_of_labelled(project)
        last = done = left_out = 0
        with ZipWriter(target) as archive:
            while chunk := list(images.filter(pk__gt=last).order_by("id")[:CHUNK]):
                for image in chunk:
                    pieces = cut(image)
                    # One that got its text a moment ago has no split yet.
                    if image.pk in splits and len(pieces) == len(image.text):
                        _store(archive, image, splits[image.pk], pieces)
                    else:
                        left_out += 1
                    done += 1
                    progress(done)
                last = chunk[-1].pk
        return f"{left_out:,} of {done:,} images were left out: {_LEFT_OUT}" if left_out else ""


def _images(project: Project, cuts: str) -> ImageQuerySet:
    images = exported_images(project, unlabelled=False).select_related("project")
    if cuts == SUGGESTIONS:
        images = images.exclude(suggestion=None).select_related("suggestion")
        if not images.exists():
            raise Refused(
                "No labelled image has a suggestion. Choose the cuts of the preparation, or have the production "
                "model suggest texts first."
            )
    elif project.max_length > 1 and isinstance(
        current_preparation(project).recipe.slicing, WholePicture | TextBox
    ):
        raise Refused(
            "The current preparation does not cut pictures into characters. Choose a slicing that does on the "
            "Prepare page first."
        )
    return images


def _cutter(project: Project, cuts: str) -> Callable[[Image], list[Picture]]:
    """Return what cuts an image into pictures of its characters."""
    recipe = current_preparation(project).recipe if cuts == PREPARATION else _AS_IT_IS

    def cut(image: Image) -> list[Picture]:
        try:
            picture = recipe.prepare(decode_image(stored_bytes(image)).pixels)
        except UnreadableImage as error:
            raise Refused(f"“{image.name}” cannot be read any more. {error}") from None
        if cuts == PREPARATION:
            boxes = recipe.boxes(picture, len(image.text))
        else:
            boxes = _suggested_boxes(image.suggestion, picture)
        return [picture[box.top : box.bottom, box.left : box.right] for box in boxes]

    return cut


def _suggested_boxes(suggestion: Suggestion, picture: Picture) -> list[Box]:
    height, width = picture.shape[:2]
    edges = [(round(cell.left * width), round(cell.right * width)) for cell in cells_of(suggestion)]
    return [Box(min(left, width - 1), 0, max(right, left + 1), height) for left, right in edges]


def _store(archive: ZipWriter, image: Image, split: str, pieces: list[Picture]) -> None:
    for position, (character, piece) in enumerate(zip(image.text, pieces, strict=True)):
        folder = folder_of_text(character, image.project.alphabet)
        archive.picture(f"{split}/{folder}/{image.sha256[:16]}_{position}.png", picture_to_png(piece))
