"""Searches: many short runs that look for better hyper-parameters."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from labeling.jobs import JobState
from labeling.models import Preparation, Project
from training.models.datasets import DatasetVersion


class Pruner(models.TextChoices):
    """What ends a trial early that does worse than others did at the same point."""

    MEDIAN = "median", "Median: end what is worse than half of the trials were at the same point"
    HYPERBAND = "hyperband", "Hyperband: many short trials, and only the best of them at full length"
    NONE = "none", "None: every trial takes its full time"


class Search(models.Model):
    """A search for hyper-parameters: a series of runs, its trials, on one dataset version.

    It is no job itself: whoever begins or ends a trial moves it on (`training.services.searches.advance`). Its state is
    running, done, stopped or failed.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="searches")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=JobState, default=JobState.RUNNING, db_index=True)
    error = models.TextField(blank=True)
    # What all trials share: only so can they be compared.
    dataset = models.ForeignKey(DatasetVersion, on_delete=models.RESTRICT, related_name="searches")
    preparation = models.ForeignKey(Preparation, on_delete=models.RESTRICT, related_name="searches")
    architecture = models.CharField(max_length=50)
    # As `training.recognition.search_space.Range.to_json` writes them, by hyper-parameter.
    space = models.JSONField()
    # Hyper-parameters that are the same in all trials and differ from the defaults.
    fixed = models.JSONField(default=dict)
    seed = models.PositiveIntegerField(default=0)
    pruner = models.CharField(max_length=10, choices=Pruner, default=Pruner.MEDIAN)
    trials_planned = models.PositiveIntegerField()
    max_minutes = models.FloatField()
    # Of all trials together; None: as many as they take.
    budget_minutes = models.FloatField(null=True)
    # How much of the difference between trials each hyper-parameter explains: name -> share, together 1.
    importance = models.JSONField(default=dict)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "searches"
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="search_number_once")]

    def __str__(self) -> str:
        return f"Search {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("training:search", args=[self.project_id, self.number])

    @property
    def is_active(self) -> bool:
        return self.state == JobState.RUNNING

    # What the badge of a job asks for.
    stop_requested = False
    waits_for_worker = False
