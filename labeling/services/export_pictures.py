"""A project's images as exports need them: in the order of their ids, a few hundred in memory at a time."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from labeling.errors import Refused
from labeling.formats.entries import Picture, Said
from labeling.models import Annotation, Image, Project
from labeling.querysets import ImageQuerySet
from labeling.services.export_formats import Progress
from labeling.services.images import stored_bytes

CHUNK = 500


def exported_images(project: Project, *, unlabelled: bool) -> ImageQuerySet:
    """Return the images with a text or, if asked for, those without one as well.

    Raises:
        Refused: there are none.
    """
    images = Image.objects.filter(project=project)
    if not unlabelled:
        images = images.labelled()
    if not images.exists():
        raise Refused(
            "There are no images to export. Import some first."
            if unlabelled
            else "No image has a text yet. Label some first, or export images without a text as well."
        )
    return images


def pictures(images: ImageQuerySet, progress: Progress, *, annotators: bool = False) -> Iterator[Picture]:
    """Yield images as pictures, telling `progress` how many were done.

    Args:
        annotators: whether to say who annotated what.
    """
    done, last = 0, 0
    while chunk := list(images.filter(pk__gt=last).order_by("id")[:CHUNK]):
        said = said_about(chunk) if annotators else {}
        for image in chunk:
            yield picture_of(image, image.text, said.get(image.pk, ()))
            done += 1
            progress(done)
        last = chunk[-1].pk


def picture_of(image: Image, text: str, said: tuple[Said, ...] = ()) -> Picture:
    """Return an image with a text as a picture."""
    return Picture(
        name=image.name,
        extension=PurePosixPath(str(image.file.name)).suffix.removeprefix("."),
        sha256=image.sha256,
        text=text,
        read=lambda: stored_bytes(image),
        said=said,
    )


def said_about(images: Iterable[Image]) -> dict[int, tuple[Said, ...]]:
    """Return image id -> the newest that each annotator said, in the order in which they said it."""
    newest: dict[int, dict[str, Said]] = defaultdict(dict)
    rows = Annotation.objects.filter(
        image__in=[image.pk for image in images], withdrawn_at=None, is_check=False
    )
    for row in rows.select_related("annotator").order_by("id"):
        who = row.annotator_name or (row.annotator.label if row.annotator else "")
        if who:
            newest[row.image_id].pop(who, None)
            newest[row.image_id][who] = Said(row.text, who)
    return {pk: tuple(said.values()) for pk, said in newest.items()}
