"""Fonts that people bring, for texts to be drawn in."""

from django.conf import settings
from django.db import models

from labeling.models import Project


class UploadedFont(models.Model):
    """A font file of a project. Its bytes never leave the site again; pages show pictures of it."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="fonts")
    # As the file names itself; styles name fonts so.
    name = models.CharField(max_length=200)
    extension = models.CharField(max_length=5)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="font_name_once"),
            models.UniqueConstraint(fields=["project", "sha256"], name="font_file_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def file_name(self) -> str:
        return f"{self.sha256}.{self.extension}"

    @property
    def path(self) -> str:
        """Where its bytes lie in the storage."""
        return f"projects/{self.project_id}/fonts/{self.file_name}"
