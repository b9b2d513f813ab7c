"""Settling a project's images anew, after the rules of settling changed."""

from django.db import models

from labeling.jobs import Job
from labeling.models.projects import Project


class SettlingPass(Job):
    """One way through a project's images after its overlap changed.

    `position` is the id of the last image done, so that another worker can go on behind it.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="settling_passes")
    position = models.PositiveBigIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Settling of {self.project_id}"

    @property
    def percent(self) -> int:
        return round(100 * min(1.0, self.done / self.total)) if self.total else 0
