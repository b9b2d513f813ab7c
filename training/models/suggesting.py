"""Reading a project's images ahead of the people, and training on by itself."""

from django.db import models

from labeling.jobs import Job
from labeling.models import Preparation, Project
from training.models.models import Model
from training.models.runs import Run

STARTER_NUMBER = 0
"""What `Suggestion.model_number` is where the starter model read: runs count from 1."""


class SuggestionPass(Job):
    """One reader's way through a project's images: suggestions for the unlabelled ones and, by a model, doubts about
    the others. The reader is a model or, where that is None, the starter: once per project, until it has a model.

    `position` is the id of the last image done, so that another worker can go on behind it.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="suggestion_passes")
    model = models.OneToOneField(Model, null=True, on_delete=models.CASCADE, related_name="suggestion_pass")
    # Where the starter reads: its fingerprint, and the preparation through which it looks. Of other ones, or where
    # the preparation is gone, it reads anew. A model has its own.
    starter = models.CharField(max_length=16, blank=True)
    preparation = models.ForeignKey(Preparation, null=True, on_delete=models.SET_NULL, related_name="+")
    position = models.PositiveBigIntegerField(default=0)
    # Images that came in since it began may have smaller ids than `position`: it starts over, for what it missed.
    images_came = models.BooleanField(default=False)
    # Images with a suggestion of this model, and those that should have one.
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    seconds_left = models.FloatField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=models.Q(model=None), name="one_pass_of_the_starter"
            )
        ]

    def __str__(self) -> str:
        return f"Suggestions of {self.model or 'the starter'}"

    @property
    def model_number(self) -> int:
        """As in `Suggestion`."""
        return self.model.run.number if self.model else STARTER_NUMBER

    @property
    def percent(self) -> int:
        return round(100 * min(1.0, self.done / self.total)) if self.total else 0


class StarterSwitch(models.Model):
    """Whether the starter model reads a project's images while it has no model of its own; it does where no row says
    otherwise."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="starter_switch")
    is_on = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"Starter of {self.project_id}"


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
