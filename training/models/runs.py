"""Runs: trainings and what they lived through."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from labeling.jobs import Job
from labeling.models import Preparation, Project
from training.models.datasets import DatasetVersion
from training.models.searches import Search


class Teaching(models.TextChoices):
    """What a run learns from."""

    LABELS = "labels", "Labelled images"
    NO_LABELS = "no_labels", "Drawn and unlabelled images"


class Run(Job):
    """One training: what went in is frozen at its start, what came out is written as it goes."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="runs")
    number = models.PositiveIntegerField()
    # RESTRICT rather than PROTECT: they may not go while the run stays, but all go together with the project.
    dataset = models.ForeignKey(DatasetVersion, on_delete=models.RESTRICT, related_name="runs")
    preparation = models.ForeignKey(Preparation, on_delete=models.RESTRICT, related_name="runs")
    teaching = models.CharField(max_length=10, choices=Teaching, default=Teaching.LABELS)
    architecture = models.CharField(max_length=50)
    hyperparameters = models.JSONField(default=dict)
    seed = models.PositiveIntegerField(default=0)
    max_epochs = models.PositiveIntegerField(null=True)
    max_minutes = models.FloatField(null=True)
    code_version = models.CharField(max_length=100, blank=True)
    packages = models.JSONField(default=dict)
    # The fingerprint of the starter model that its network began with; empty where it began with none.
    starter = models.CharField(max_length=16, blank=True)
    # The run that it repeats or varies.
    copied_from = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="copies")
    # Where it was trained, what `training.services.machine.this_machine` says of each machine that took it, in order.
    machines = models.JSONField(default=list)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    # Whether it learns from unlabelled images, too: those of the split "train" that are no part of its dataset, up to
    # the image with this id. What `training.recognition.self_training.Round.to_json` says of each round so far.
    self_training = models.BooleanField(default=False)
    unlabelled_until = models.BigIntegerField(null=True)
    rounds = models.JSONField(default=list)

    # Where it is a trial of a search: its number there, from 1; the share 0..1 of validation texts that its model reads
    # right; and whether it was ended early for doing worse than others.
    search = models.ForeignKey(Search, null=True, on_delete=models.SET_NULL, related_name="trials")
    trial = models.PositiveIntegerField(null=True)
    trial_value = models.FloatField(null=True)
    is_pruned = models.BooleanField(default=False)
    # What one should know about it that is no failure, a sentence a line.
    notes = models.TextField(blank=True)

    # What the worker is at right now; the history is in the epochs.
    stage = models.CharField(max_length=30, blank=True)
    progress = models.FloatField(default=0)
    epoch = models.PositiveIntegerField(default=0)
    epochs_planned = models.PositiveIntegerField(null=True)
    batch = models.PositiveIntegerField(default=0)
    batches = models.PositiveIntegerField(default=0)
    images_per_second = models.FloatField(null=True)
    seconds_left = models.FloatField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="run_number_once"),
            models.UniqueConstraint(fields=["search", "trial"], name="trial_once"),
        ]

    def __str__(self) -> str:
        return f"Run {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("training:run", args=[self.project_id, self.number])

    @property
    def percent(self) -> int:
        return round(100 * self.progress)

    @property
    def needs_no_labels(self) -> bool:
        return self.teaching == Teaching.NO_LABELS


def part_path(part: "RunPart", name: str) -> str:
    return f"projects/{part.run.project_id}/runs/{part.run_id}/{name}"


class RunPart(Job):
    """The training of one position of a run, where an architecture has a network for each: any worker may take it.

    It is queued, running, done or failed; one that ends early is queued again and keeps what it has come to.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="parts")
    # Counted from 0.
    position = models.PositiveIntegerField()
    progress = models.FloatField(default=0)
    seconds_left = models.FloatField(null=True)
    # The best weights, as `training.recognition.ensemble_fit.TrainedPart` writes them, until the run is done.
    file = models.FileField(upload_to=part_path, max_length=300, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="run_part_once")]

    def __str__(self) -> str:
        return f"Position {self.position + 1} of {self.run}"


class Epoch(models.Model):
    """One finished epoch of a run. Accuracies are shares in 0..1, losses nats per character."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="history")
    number = models.PositiveIntegerField()
    loss = models.FloatField()
    character_accuracy = models.FloatField()
    whole_string_accuracy = models.FloatField()
    validation_loss = models.FloatField()
    validation_character_accuracy = models.FloatField()
    validation_whole_string_accuracy = models.FloatField()
    learning_rate = models.FloatField()
    seconds = models.FloatField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="epoch_once")]

    def __str__(self) -> str:
        return f"Epoch {self.number}"
