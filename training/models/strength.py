"""Strength reports: how much it takes to read a project's images by machine, for whoever owns them."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from labeling.jobs import Job
from labeling.models import Project


class StrengthReport(Job):
    """An audit of a project's own images: what a reader costs, and what resists it.

    A `train` worker measures it (`training.services.strength_work`); until then it says how far that is.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="strength_reports")
    number = models.PositiveIntegerField()
    # How its readers are trained; minutes are for each of them, and `sizes` is how many numbers of labels are tried.
    architecture = models.CharField(max_length=50)
    max_minutes = models.FloatField()
    sizes = models.PositiveIntegerField()
    seed = models.PositiveIntegerField(default=0)
    # How many readers it trains, how many are done, what the one at hand is for, how far it is 0..1, and how long it
    # takes on.
    readers = models.PositiveIntegerField(default=0)
    readers_done = models.PositiveIntegerField(default=0)
    stage = models.CharField(max_length=200, blank=True)
    progress = models.FloatField(default=0)
    seconds_left = models.FloatField(null=True)
    # The folder of the worker's disk that keeps its readers until it is done, in `training.leftovers.studies_folder`.
    study = models.CharField(max_length=16, blank=True)
    # What `training.services.strength_study.StrengthMeasured.to_json` writes, once it is measured.
    measured = models.JSONField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="strength_number_once")]

    def __str__(self) -> str:
        return f"Strength report {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("training:strength_report", args=[self.project_id, self.number])

    @property
    def percent(self) -> int:
        return round(100 * (self.readers_done + self.progress) / self.readers) if self.readers else 0
