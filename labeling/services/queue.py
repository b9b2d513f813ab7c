"""The labelling queue: hands out images so that nobody reads one that others read already.

An image may be handed out while the people who have read it and those who hold it are fewer than the project's
overlap. Whoever wants to hand out images locks them first; a lease is written under that lock only.
"""

import random
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from labeling.models import Annotation, Image, ImageStatus, Lease, Project, QueueOrder, SliceConfirmation

LEASE = timedelta(minutes=10)
BATCH = 20
# Each is the order of an index, so that a batch costs the same however many images wait.
ORDERS = {
    QueueOrder.LEAST_SURE: ("confidence", "id"),
    QueueOrder.RANDOM: ("sha256",),
    QueueOrder.OLDEST: ("id",),
}


def lease_images(
    *,
    project: Project,
    user: Any,
    count: int = BATCH,
    exclude: Collection[int] = (),
    page: UUID | None = None,
) -> list[Image]:
    """Lease the next images to a user for ten minutes, some of them checks with a known text.

    A lease of somebody whose browser crashed returns to the queue by itself when it runs out.

    Args:
        exclude: images that the page holds still; their leases are renewed.
        page: the page that asks. A reload is handed its own images first; those of the same person's other pages
            only when nothing else is left, as that page may be long closed.
    """
    now = timezone.now()
    mine = Lease.objects.filter(user=user)
    with transaction.atomic():
        mine.filter(expires_at__lte=now).delete()
        if exclude:
            mine.filter(image__in=exclude).update(expires_at=now + LEASE)
        held = _held(project, user, exclude)
        images = [lease.image for lease in held.filter(page=page)[:count]]
        images += _fresh(project, user, count - len(images), exclude, now)
        images = images or [lease.image for lease in held[:count]]
        _hold(images, user, page, now)
    return images


def lease_suggested(*, project: Project, user: Any, count: int, page: UUID) -> list[Image]:
    """Lease the images with the least sure suggestions to a user's contact sheets; renew those that they hold.

    Images that the user has set aside on a sheet are for the queue.
    """
    now = timezone.now()
    aside = SliceConfirmation.objects.filter(image=OuterRef("pk"), user=user, character="")
    # The confidence is what the index knows of a suggestion.
    suggested = Q(~Exists(aside), confidence__gt=0, suggestion__isnull=False)
    free = _free_for(project, user, now, page).filter(suggested).order_by("confidence", "id")
    with transaction.atomic():
        images = _take(free, count)
        _hold(images, user, page, now)
    return images


def hold(*, image: Image, user: Any, page: UUID | None = None) -> None:
    """Lease one image to a user who is about to type it, whoever else might be waiting for it."""
    _hold([image], user, page, timezone.now())


def return_leases(*, project: Project, user: Any) -> None:
    """Give a user's leased images back to the queue."""
    Lease.objects.filter(image__project=project, user=user).delete()


def live_leases(project: Project) -> QuerySet[Lease]:
    """Return who holds which images of a project just now."""
    live = Lease.objects.filter(image__project=project, expires_at__gt=timezone.now())
    return live.select_related("image", "user").order_by("user", "id")


def _held(project: Project, user: Any, exclude: Collection[int]) -> QuerySet[Lease]:
    """Return what a user holds already and the page does not know of, in the order in which it was handed out."""
    waiting = Q(image__status=ImageStatus.UNLABELLED) | Q(is_check=True)
    held = Lease.objects.filter(waiting, image__project=project, user=user).exclude(image__in=exclude)
    return held.select_related("image__suggestion").order_by("id")


def _fresh(project: Project, user: Any, count: int, exclude: Collection[int], now: datetime) -> list[Image]:
    """Lock the next images that are free for a user and return them; checks take the places of some."""
    free = _free_for(project, user, now).order_by(*ORDERS[QueueOrder(project.queue_order)])
    images = _take(free.exclude(pk__in=exclude), count)
    return _with_checks(project, user, images, exclude)


def _take(free: QuerySet[Image], count: int) -> list[Image]:
    """Lock the first of the images that are free, and return them."""
    images: list[Image] = []
    while len(images) < count:
        # SKIP LOCKED keeps two annotators' requests on PostgreSQL from waiting for each other; SQLite ignores it, as
        # its write lock already makes them take turns.
        rest = free.exclude(pk__in=[image.pk for image in images]) if images else free
        locked = rest.select_for_update(skip_locked=True, no_key=True, of=("self",))
        pks = list(locked.values_list("pk", flat=True)[: count - len(images)])
        # A look again now that they are locked: the first one may have been from before somebody else's leases.
        still_free = list(free.filter(pk__in=pks).select_related("suggestion"))
        images += still_free
        if len(still_free) == len(pks):
            break
    return images


def _free_for(project: Project, user: Any, now: datetime, page: UUID | None = None) -> QuerySet[Image]:
    """Return unlabelled images that a user has not read and does not hold, and that wait for one more reader.

    What the user's own `page` holds counts as free.
    """
    leases = Lease.objects.filter(image=OuterRef("pk"), expires_at__gt=now)
    own = leases.filter(user=user)
    elsewhere = own.exclude(page=page) if page else own
    others = leases.exclude(user=user).order_by().values("image").annotate(n=Count("pk")).values("n")
    read = Annotation.objects.filter(image=OuterRef("pk"), annotator=user, withdrawn_at=None, is_check=False)
    return (
        Image.objects.unlabelled()
        # Nothing may stand beside it with “or”: PostgreSQL would read all annotations of the user first.
        .filter(~Exists(read), ~Exists(elsewhere), project=project)
        .alias(holders=Coalesce(Subquery(others), 0))
        .filter(readings__lt=project.overlap - F("holders"))
    )


def _with_checks(project: Project, user: Any, images: list[Image], exclude: Collection[int]) -> list[Image]:
    """Put gold images in the places of some: first those that the user was never checked on, then the longest ago."""
    wanted = int(len(images) * project.gold_share + random.random())
    if not wanted or not project.gold_share:
        return images
    checks = Annotation.objects.filter(image=OuterRef("pk"), annotator=user, is_check=True)
    gold = (
        Image.objects.labelled()
        .filter(project=project, is_gold=True)
        .exclude(pk__in=exclude)
        .exclude(leases__user=user)
        .annotate(checked=Subquery(checks.order_by("-id").values("pk")[:1]))
        .select_related("suggestion")
        .order_by(F("checked").asc(nulls_first=True), "sha256")[:wanted]
    )
    for place, check in zip(random.sample(range(len(images)), wanted), gold, strict=False):
        images[place] = check
    return images


def _hold(images: Collection[Image], user: Any, page: UUID | None, now: datetime) -> None:
    Lease.objects.bulk_create(
        [
            Lease(
                image=image,
                user=user,
                page=page,
                is_check=image.is_check,
                leased_at=now,
                expires_at=now + LEASE,
            )
            for image in images
        ],
        update_conflicts=True,
        unique_fields=["image", "user"],
        update_fields=["page", "is_check", "leased_at", "expires_at"],
    )
