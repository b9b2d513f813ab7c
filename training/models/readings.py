"""What models read in labelled images, kept to compare them image by image."""

from django.db import models

from labeling.jobs import Job
from training.models.models import Model


class ModelReadings(Job):
    """A model's readings of the validation and test images of its dataset version.

    Written when the model is measured; a model of an earlier version gets them from a worker when somebody compares
    it. One row per model: tables of every reading would soon be the largest of all. An image that was deleted stays
    in the rows as a number that stands for nothing any more.
    """

    model = models.OneToOneField(Model, on_delete=models.CASCADE, related_name="readings")
    # [[image id, text, confidence 0..1], ...], in the order of the dataset's items.
    rows = models.JSONField(default=list)
    # The id of the last dataset item that was read, so that another worker can go on behind it.
    position = models.PositiveBigIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Readings of {self.model}"

    @property
    def percent(self) -> int:
        return round(100 * min(1.0, self.done / self.total)) if self.total else 0
