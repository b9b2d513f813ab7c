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
    model = models.OneToOneField(Model, on_delete=models.CASCADE, related_name="suggestion_pass")
    position = models.PositiveBigIntegerField(default=0)
    # Images that came in since it began may have smaller ids than `position`: it starts over, for what it missed.
    images_came = models.BooleanField(default=False)
    # Images with a suggestion of this model, and those that should have one.
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    seconds_left = models.FloatField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Suggestions of {self.model}"

    @property
    def percent(self) -> int:
        return round(100 * min(1.0, self.done / self.total)) if self.total else 0


class AutomaticLoop(models.Model):
    """Train after every so many new annotations, promote what reads better, refresh the suggestions."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="automatic_loop")
    is_on = models.BooleanField(default=False)
    every = models.PositiveIntegerField(default=100)
    max_minutes = models.FloatField(default=10)
    # The id of the newest annotation when the last run was queued: those behind it are new.
    last_annotation = models.PositiveBigIntegerField(default=0)
    last_run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="+")
    # Why the last run could not be queued, in words for people.
    problem = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"Loop of {self.project_id}"
