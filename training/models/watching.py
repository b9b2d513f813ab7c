"""What a run shows besides its epochs: what its worker uses, what it reads, and what more labels would bring."""

from django.conf import settings
from django.db import models

from labeling.jobs import Job
from labeling.models import Image, Project
from labeling.models.projects import MAX_LENGTH
from training.models.runs import Run


class WorkerUse(models.Model):
    """What the worker of a run uses of its machine, in bounded size; see `training.worker_use`."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="use", primary_key=True)
    host = models.CharField(max_length=200)
    # What it computes on: the processor, or its GPUs.
    device = models.CharField(max_length=200)
    # The newest sample, and all that are kept, as columns.
    latest = models.JSONField(default=dict)
    columns = models.JSONField(default=dict)
    # Seconds between two kept samples; doubled whenever half of them are left out.
    every = models.FloatField()

    def __str__(self) -> str:
        return f"Use of {self.host} by {self.run}"


class ValidationReport(models.Model):
    """How right a run reads its validation images: after a best epoch, and last as its exported model does."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="report", primary_key=True)
    # None for the exported model, 0 before the first one has ended.
    epoch = models.PositiveIntegerField(null=True)
    # What `training.recognition.metrics.Evaluation.to_json` writes.
    evaluation = models.JSONField()
    # While the reader is not whole: what of it reads, in a sentence, and which positions of the texts, counted from 0,
    # are read and compared; None: all of them.
    so_far = models.CharField(max_length=200, blank=True)
    positions = models.JSONField(null=True)
    # Whether all misread images have rows in `readings`.
    is_complete = models.BooleanField(default=True)
    written_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"Validation of {self.run}"


class ValidationReading(models.Model):
    """A validation image that a run's report shows: misread, or among those that are nearest to it."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="readings")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="+")
    # 0 is the worst.
    rank = models.PositiveIntegerField()
    truth = models.CharField(max_length=MAX_LENGTH)
    text = models.CharField(max_length=MAX_LENGTH)
    confidence = models.FloatField()
    # Nats per character; unknown for the exported model.
    loss = models.FloatField(null=True)

    class Meta:
        ordering = ["rank"]
        constraints = [models.UniqueConstraint(fields=["run", "rank"], name="reading_rank_once")]

    def __str__(self) -> str:
        return f"{self.text} for {self.truth}"


class LearningCurve(Job):
    """How accuracy grows with the number of labels, for the recipe of a run: asked for on its page, one per run."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="learning_curves")
    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="learning_curve")
    # Of each reader.
    max_minutes = models.FloatField()
    # How many readers it trains, and what `training.recognition.learning_curve.CurvePoint.to_json` says of each done.
    readers = models.PositiveIntegerField(default=0)
    points = models.JSONField(default=list)
    # Of the reader that is trained now: how many labels it sees, how far it is 0..1, and how long it takes on.
    labels = models.PositiveIntegerField(default=0)
    progress = models.FloatField(default=0)
    seconds_left = models.FloatField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self) -> str:
        return f"Learning curve of {self.run}"

    @property
    def percent(self) -> int:
        """How much of the whole is done: each reader sees about twice the labels of the one before."""
        if not self.readers:
            return 0
        shares = [2.0**number for number in range(self.readers)]
        done = sum(shares[: len(self.points)])
        now = shares[len(self.points)] * self.progress if len(self.points) < self.readers else 0
        return round(100 * (done + now) / sum(shares))
