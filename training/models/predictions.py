"""Predictions: what a model read in one image."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from labeling.models import Image, Project
from training.models.batches import ReadingBatch
from training.models.models import Model


class Verdict(models.TextChoices):
    """What a person should know of a reading. Whatever is not sure wants a person's look."""

    SURE = "sure", "Sure"
    UNSURE = "unsure", "Unsure"
    OTHER_FAMILY = "other_family", "Not this family"


class Look(models.TextChoices):
    """Whether a person should look at a reading, or has."""

    NOT_NEEDED = "", "Not needed"
    WANTED = "wanted", "Wanted"
    DONE = "done", "Done"


class Prediction(models.Model):
    """A model's reading of one picture, kept with the picture until it is corrected or deleted."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="predictions")
    model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="predictions")
    # With its place among the batch's images; None for one that somebody waited for.
    batch = models.ForeignKey(ReadingBatch, null=True, on_delete=models.CASCADE, related_name="readings")
    position = models.PositiveIntegerField(null=True)
    name = models.CharField(max_length=500)
    file = models.FileField(max_length=300)
    # Where the picture lies in a file that many pictures share, in bytes; None where it has one of its own.
    offset = models.PositiveBigIntegerField(null=True)
    size = models.PositiveBigIntegerField(null=True)
    text = models.CharField(max_length=64)
    confidence = models.FloatField()
    # How unlike its model's training images the picture is: 0 is usual, above 1 it is none of the family.
    strangeness = models.FloatField(default=0.0)
    # As it was when the picture was read; empty for readings from before there were verdicts.
    verdict = models.CharField(max_length=12, choices=Verdict, blank=True)
    # [{"text", "probability", "left", "right", "alternatives": [[text, probability], ...]}, ...]
    characters = models.JSONField()
    milliseconds = models.FloatField()
    note = models.TextField(blank=True)
    # Why nothing could be read, in words for people: then there is neither a text nor a picture.
    error = models.TextField(blank=True)
    look = models.CharField(max_length=6, choices=Look, blank=True, default=Look.NOT_NEEDED)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    # The image that a correction made of it; whoever deletes that wants this copy of the picture gone, too.
    image = models.ForeignKey(Image, null=True, on_delete=models.CASCADE, related_name="predictions")
    # Whether a person found it right; None while nobody checked it.
    was_right = models.BooleanField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["batch", "position"], name="batch_position_once")]
        indexes = [
            models.Index(fields=["project", "batch", "-id"], name="readings_of_project"),
            models.Index(fields=["batch", "verdict", "position"], name="readings_by_verdict"),
            models.Index(fields=["batch", "look", "position"], name="readings_to_check"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def url(self) -> str:
        return reverse("training:prediction_file", args=[self.project_id, self.pk])


class ReadingDay(models.Model):
    """What a model read on one day, by page and API together, so that no page counts readings. Checks count for the day
    on which the picture was read."""

    model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="reading_days")
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)
    # The sum of the readings' confidences, each 0..1.
    confidence = models.FloatField(default=0.0)
    # Of the readings: those that wanted a person's look, by verdict.
    unsure = models.PositiveIntegerField(default=0)
    other_family = models.PositiveIntegerField(default=0)
    # Of the readings: those that a person checked, and those of them that were wrong.
    checked = models.PositiveIntegerField(default=0)
    corrected = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "day"], name="reading_day_once")]
        indexes = [models.Index(fields=["day"])]

    def __str__(self) -> str:
        return f"{self.count} readings on {self.day}"
