"""Dataset versions: frozen, hashed lists of (image, text, split)."""

from django.db import models

from labeling.models import Image, Project, Split
from labeling.models.projects import MAX_LENGTH


class DatasetVersion(models.Model):
    """A frozen list of items. The same items in the same splits have the same hash, wherever they were frozen."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="dataset_versions")
    number = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)
    train_count = models.PositiveIntegerField()
    validation_count = models.PositiveIntegerField()
    test_count = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="dataset_number_once"),
            models.UniqueConstraint(fields=["project", "hash"], name="dataset_hash_once"),
        ]

    def __str__(self) -> str:
        return f"Dataset {self.number}"

    @property
    def item_count(self) -> int:
        return self.train_count + self.validation_count + self.test_count


class DatasetItem(models.Model):
    """One image with the text and split it had when the version was frozen."""

    dataset = models.ForeignKey(DatasetVersion, on_delete=models.CASCADE, related_name="items")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="+")
    text = models.CharField(max_length=MAX_LENGTH)
    split = models.CharField(max_length=10, choices=Split)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "image"], name="dataset_image_once")]
        indexes = [models.Index(fields=["dataset", "split"])]

    def __str__(self) -> str:
        return f"{self.text} ({self.split})"
