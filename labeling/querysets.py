"""Reads that sound like sentences."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db import models
from django.db.models import Count, Q

if TYPE_CHECKING:
    # Named in base classes only, where ruff does not look.
    from labeling.models import Image, Project  # noqa: F401


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: AbstractUser | AnonymousUser) -> "ProjectQuerySet":
        """Projects that a user is a member of; an administrator sees all."""
        if user.is_staff:
            return self
        return self.filter(members__user=user.pk)

    def with_counts(self) -> "ProjectQuerySet":
        """Add `image_count`, `labelled_count` and `skipped_count`."""
        return self.annotate(
            image_count=Count("images"),
            labelled_count=Count("images", filter=Q(images__status="labelled")),
            skipped_count=Count("images", filter=Q(images__status="skipped")),
        )


class ImageQuerySet(models.QuerySet["Image"]):
    def labelled(self) -> "ImageQuerySet":
        return self.filter(status="labelled")

    def unlabelled(self) -> "ImageQuerySet":
        return self.filter(status="unlabelled")

    def free_for(self, user: AbstractUser, now: datetime) -> "ImageQuerySet":
        """Images that nobody else holds a lease on."""
        return self.filter(Q(leased_until=None) | Q(leased_until__lt=now) | Q(leased_by=user))
