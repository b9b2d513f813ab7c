"""Reads that sound like sentences."""

from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db import models

if TYPE_CHECKING:
    # Named in base classes only, where ruff does not look.
    from labeling.models import Image, Project  # noqa: F401


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: AbstractUser | AnonymousUser) -> "ProjectQuerySet":
        """Projects that a user is a member of; an administrator sees all, a project's token that project."""
        grant = getattr(user, "grant", None)
        projects = self if grant is None or grant.project_id is None else self.filter(pk=grant.project_id)
        if user.is_staff:
            return projects
        return projects.filter(members__user=user.pk)

    def with_counts(self) -> "ProjectQuerySet":
        """Bring `counts` along in the same query."""
        return self.select_related("counts")


class ImageQuerySet(models.QuerySet["Image"]):
    def labelled(self) -> "ImageQuerySet":
        return self.filter(status="labelled")

    def unlabelled(self) -> "ImageQuerySet":
        return self.filter(status="unlabelled")
