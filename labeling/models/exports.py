"""Exports: files for people to take away, written by a worker."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from labeling.jobs import Job
from labeling.models.projects import Project


def export_path(export: "Export", name: str) -> str:
    return f"projects/{export.project_id}/exports/{export.pk}/{name}"


class Export(Job):
    """One file with a project's images and labels, in one of the formats of `labeling.services.exports`."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="exports")
    format = models.CharField(max_length=30)
    options = models.JSONField(default=dict)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    file = models.FileField(upload_to=export_path, max_length=300, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    # What one should know about the file, such as images that had to be left out.
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Export {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("labeling:export", args=[self.project_id, self.pk])

    @property
    def percent(self) -> int:
        return round(100 * min(1.0, self.done / self.total)) if self.total else 0
