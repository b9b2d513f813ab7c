"""How well the people of a project agree, told from what was read last.

Figures over everything would cost more with every image; those over the last images are as quick on the first day as
after the two hundred thousandth image, and say how people read now.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from labeling.agreement import Agreement, PersonAgreement, Reader, Readings, agreement
from labeling.intervals import Share
from labeling.models import Annotation, Image, ImageStatus, Project
from labeling.models.annotations import AnnotationSource

# Images that two or more people read.
LAST_IMAGES = 2000
# Annotations of one person.
LAST_ANNOTATIONS = 1000
# What people said before they could know what others had said.
READ_BLINDLY = (AnnotationSource.TYPED, AnnotationSource.CONFIRMED)
# And what people said whom an imported file names; whether they could know, pages leave open. What a file says without
# naming anybody is nobody's reading.
BY_PEOPLE_OF_FILES = Q(annotator=None, source=AnnotationSource.IMPORT) & ~Q(annotator_name="")


@dataclass(frozen=True)
class ImageReadings:
    """An image with what several people read in it."""

    image: Image
    readings: Readings

    @property
    def are_alike(self) -> bool:
        return len(set(self.readings.values())) == 1

    @property
    def agreed(self) -> str | None:
        """The agreed text, empty for an image that cannot be read; None before there is agreement."""
        is_settled = self.image.status in (ImageStatus.LABELLED, ImageStatus.SKIPPED)
        return self.image.text if is_settled else None


def compared_images(project: Project) -> list[ImageReadings]:
    """Return the last images that two or more people read, newest first."""
    compared = Image.objects.filter(project=project, compared_at__isnull=False).order_by("-compared_at")
    return _with_readings(compared.only(*_SHOWN)[:LAST_IMAGES])


def image_agreement(image: Image) -> Share | None:
    """Return how many of the people who read an image read the most frequent text; None with fewer than two."""
    for one in _with_readings([image]):
        most = max(Counter(one.readings.values()).values())
        return Share(most, len(one.readings))
    return None


def project_agreement(images: Sequence[ImageReadings]) -> Agreement:
    """Compare all readings of these images."""
    return agreement((one.readings, one.agreed) for one in images)


def person_agreement(project: Project, user: Any) -> PersonAgreement | None:
    """Compare the last readings of one person with those of the others; None where there are no others."""
    own = Annotation.objects.filter(
        annotator=user,
        image__project=project,
        source__in=READ_BLINDLY,
        is_check=False,
        withdrawn_at=None,
    )
    last = own.order_by("-id").values("image")[:LAST_ANNOTATIONS]
    compared = Image.objects.filter(pk__in=last, compared_at__isnull=False)
    images = _with_readings(compared.only(*_SHOWN))
    people = agreement((one.readings, one.agreed) for one in images if user.pk in one.readings).people
    return next((one for one in people if one.person == user.pk), None)


_SHOWN = ("project_id", "name", "status", "text", "width", "height")


def _with_readings(images: Collection[Image]) -> list[ImageReadings]:
    """Add what people read, leaving out images that fewer than two people read."""
    readings: defaultdict[int, dict[Reader, str]] = defaultdict(dict)
    standing = Annotation.objects.filter(
        Q(annotator__isnull=False, source__in=READ_BLINDLY) | BY_PEOPLE_OF_FILES,
        image__in=[image.pk for image in images],
        is_check=False,
        withdrawn_at=None,
    )
    # Oldest first: a person's newer text takes the place of the older one.
    rows = standing.order_by("id").values_list("image_id", "annotator_id", "annotator_name", "text")
    for image_id, person, name, text in rows:
        readings[image_id][name if person is None else person] = text
    return [ImageReadings(image, readings[image.pk]) for image in images if len(readings[image.pk]) > 1]
