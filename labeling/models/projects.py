"""Projects and the people in them."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from labeling.querysets import ProjectQuerySet

MAX_LENGTH = 32
MAX_ALPHABET = 256


class Project(models.Model):
    """One family of images that share a look, an alphabet and a length (fixed, or min to max)."""

    name = models.CharField(max_length=100, unique=True)
    description = models.TextField(blank=True)
    alphabet = models.CharField(max_length=MAX_ALPHABET)
    min_length = models.PositiveSmallIntegerField()
    max_length = models.PositiveSmallIntegerField()
    case_sensitive = models.BooleanField(default=False)
    is_demo = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(min_length__gte=1),
                name="project_min_length_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(max_length__gte=models.F("min_length")),
                name="project_length_range_ordered",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("labeling:project", args=[self.pk])

    @property
    def fixed_length(self) -> int | None:
        return self.max_length if self.min_length == self.max_length else None

    @property
    def length_text(self) -> str:
        return str(self.max_length) if self.fixed_length else f"{self.min_length}-{self.max_length}"


class Role(models.TextChoices):
    """What a member may do, from most to least."""

    OWNER = "owner", "Owner"
    REVIEWER = "reviewer", "Reviewer"
    ANNOTATOR = "annotator", "Annotator"
    VIEWER = "viewer", "Viewer"


class Member(models.Model):
    """A user in a project, with a role."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "user"], name="member_once_per_project")]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"
