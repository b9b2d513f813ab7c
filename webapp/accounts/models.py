"""People who sign in."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person. Staff users administer the site; what one may do in a project is a `labeling.Member` row."""

    REQUIRED_FIELDS: ClassVar[list[str]] = []

    @property
    def label(self) -> str:
        """Return the name that pages show."""
        return self.get_full_name() or self.username


class ApiToken(models.Model):
    """A key with which scripts act as a person. Only its digest is kept: the token itself is shown once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return self.name
