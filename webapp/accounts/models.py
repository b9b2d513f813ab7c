"""People who sign in, and the tokens with which scripts act as them."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone

from labeling.access import Grant, Scope
from labeling.models import Project


class User(AbstractUser):
    """A person. Staff users administer the site; what one may do in a project is a `labeling.Member` row."""

    REQUIRED_FIELDS: ClassVar[list[str]] = []

    # What the token of this request is for; None where the person is here in person.
    grant: Grant | None = None

    @property
    def label(self) -> str:
        """Return the name that pages show."""
        return self.get_full_name() or self.username


def all_scopes() -> list[str]:
    return [scope.value for scope in Scope]


class ApiToken(models.Model):
    """A key with which scripts act as a person: in all of the person's projects or in one, within its scopes.

    Only its digest is kept: the token itself is shown once.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    # None: good in every project of the person.
    project = models.ForeignKey(Project, null=True, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    # Values of `labeling.access.Scope`.
    scopes = models.JSONField(default=all_scopes)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def grant(self) -> Grant:
        # A scope that a later version has taken away is nothing that could be granted.
        known = {scope.value for scope in Scope}
        return Grant(frozenset(Scope(one) for one in self.scopes if one in known), self.project_id)

    @property
    def has_all_scopes(self) -> bool:
        return set(self.scopes) >= set(all_scopes())

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()


class StoredAnswer(models.Model):
    """What a request with an `Idempotency-Key` was answered, for whoever sends it again.

    It has no `status` while the first request is under way.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    # SHA-256 (hex) of what was asked, and with which rights.
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=100, blank=True)
    # None: it held a secret, which is told only once.
    body = models.BinaryField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once_per_user")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["created_at"])]

    def __str__(self) -> str:
        return self.key
