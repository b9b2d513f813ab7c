"""Reading a project's images ahead of the people, and training on by itself."""

from django.db import models

from labeling.jobs import Job
from labeling.models import Project
from training.models.models import Model
from training.models.runs import Run


class SuggestionPass(Job):
    """One model's way through a project's images: suggestions for the unlabelled ones, doubts about the others.

    `position` is the id of the last image done, so that another worker can go on behind it.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="suggestion_passes")
    model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="suggestion_passes")
    position = models.PositiveBigIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Suggestions of {self.model}"


class AutomaticLoop(models.Model):
    """Train after every so many new annotations, promote what reads better, refresh the suggestions."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="automatic_loop")
    is_on = models.BooleanField(default=False)
    every = models.PositiveIntegerField(default=100)
    max_minutes = models.FloatField(default=10)
    # Annotations that had been made when the last run was queued.
    annotations_before = models.PositiveIntegerField(default=0)
    last_run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return f"Loop of {self.project_id}"
