"""The labelling queue: hands out images so that no two people type the same one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from labeling.models import Image, ImageStatus, Project

LEASE = timedelta(minutes=10)
BATCH = 20


@dataclass(frozen=True)
class QueueCounts:
    """How many images of a project stand where."""

    unlabelled: int
    labelled: int
    skipped: int

    @property
    def total(self) -> int:
        return self.unlabelled + self.labelled + self.skipped


def queue_counts(project: Project) -> QueueCounts:
    """Count a project's images by status, in one query."""
    counts = dict(project.images.values_list("status").annotate(n=Count("id")).order_by())
    return QueueCounts(
        unlabelled=counts.get(ImageStatus.UNLABELLED, 0),
        labelled=counts.get(ImageStatus.LABELLED, 0),
        skipped=counts.get(ImageStatus.SKIPPED, 0),
    )


def lease_images(
    *, project: Project, user: Any, count: int = BATCH, exclude: Collection[int] = ()
) -> list[Image]:
    """Lease the next unlabelled images to a user for ten minutes.

    A lease of somebody whose browser crashed returns to the queue by itself when it runs out. Asking again gives
    the user's own leased images first, so a reload goes on where it was.
    """
    now = timezone.now()
    with transaction.atomic():
        free = Image.objects.unlabelled().filter(project=project).exclude(pk__in=exclude).free_for(user, now)
        # SKIP LOCKED keeps two annotators' requests on PostgreSQL from waiting for, or taking, the same rows;
        # SQLite ignores it, as its write lock already makes them take turns.
        images = list(free.select_for_update(skip_locked=True).order_by("id")[:count])
        Image.objects.filter(pk__in=[image.pk for image in images]).update(
            leased_by=user, leased_until=now + LEASE
        )
    return images


def return_leases(*, project: Project, user: Any) -> None:
    """Give a user's leased images back to the queue."""
    Image.objects.filter(project=project, leased_by=user).update(leased_by=None, leased_until=None)
