"""Preparations: versioned recipes of preprocessing steps and slicing, and the slices they cut."""

from django.conf import settings
from django.db import models

from labeling.imaging.recipe import Recipe
from labeling.jobs import Job
from labeling.models.images import Image
from labeling.models.projects import Project


class Preparation(Job):
    """One version of a project's recipe; applying it cuts every image's slices on a worker."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="preparations")
    version = models.PositiveIntegerField()
    recipe_json = models.JSONField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["project", "version"], name="preparation_version_once")
        ]

    def __str__(self) -> str:
        return f"Preparation {self.version}"

    @property
    def recipe(self) -> Recipe:
        return Recipe.from_json(self.recipe_json)

    @property
    def percent(self) -> int:
        return round(100 * min(1.0, self.done / self.total)) if self.total else 0


class Slice(models.Model):
    """One character's box in an image, in pixels of the prepared picture, in reading order."""

    preparation = models.ForeignKey(Preparation, on_delete=models.CASCADE, related_name="slices")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="slices")
    position = models.PositiveSmallIntegerField()
    left = models.PositiveIntegerField()
    top = models.PositiveIntegerField()
    right = models.PositiveIntegerField()
    bottom = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["preparation", "image", "position"], name="slice_once")
        ]

    def __str__(self) -> str:
        return f"{self.image_id}[{self.position}]"
