"""Rows that belong to the site itself rather than to a project."""

from django.db import models

from labeling.intervals import Share
from labeling.models import Project


class FirstStartStep(models.Model):
    """A set-up step that happens once in the life of a database, such as making the demo project."""

    name = models.CharField(max_length=50, unique=True)
    done_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class ProjectFigures(models.Model):
    """What a worker keeps ready for the dashboard; see `webapp.figures`.

    Of the last images that two or more people read (`compared`), so many were read `alike` by all of them.
    """

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="figures")
    alike = models.PositiveIntegerField()
    compared = models.PositiveIntegerField()
    measured_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Figures of {self.project_id}"

    @property
    def agreement(self) -> Share:
        return Share(self.alike, self.compared)
