"""Reads that sound like sentences."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Count, Q

if TYPE_CHECKING:
    pass


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: AbstractUser) -> "ProjectQuerySet":
        """Projects that a user is a member of; an administrator sees all."""
        return self if user.is_staff else self.filter(members__user=user)

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
        return self.filter(
            Q(leased_until=None) | Q(leased_until__lt=now) | Q(leased_by=user)
        )
