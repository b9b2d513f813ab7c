"""Trainings without labels: what they do besides what every run does, and the images that they ask a person about."""

from django.db import models

from labeling.models import Annotation, Image
from labeling.models.projects import MAX_LENGTH
from training.models.runs import Run


def label_free_folder(run: Run) -> str:
    """Return the storage's folder of a run's sample pictures."""
    return f"projects/{run.project_id}/label_free/{run.pk}"


class LabelFree(models.Model):
    """A run whose texts are drawn, not typed. What its page shows is kept as JSON, written as it goes."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="label_free", primary_key=True)
    # What `training.services.label_free.Wish` holds.
    options = models.JSONField(default=dict)
    # What `training.recognition.synthesis.style.Style.to_json` writes: fitted, or as a person adjusted it.
    style = models.JSONField(null=True)
    is_adjusted = models.BooleanField(default=False)
    # Of the style: the ranking of fonts, what was measured, and how well it can be told from the real images.
    fonts = models.JSONField(default=list)
    findings = models.JSONField(default=list)
    closeness = models.JSONField(null=True)
    # Each with name, state, seconds and progress 0..1, in their order.
    stages = models.JSONField(default=list)
    # Rows of sample pictures, see `training.services.label_free_pictures`.
    pictures = models.JSONField(default=list)
    # Training images that are shown beside drawn ones.
    real_images = models.JSONField(default=list)
    # When its model was there and its images were chosen; None before.
    asked_at = models.DateTimeField(null=True)
    written_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.run} without labels"

    def get_absolute_url(self) -> str:
        return self.run.get_absolute_url()

    @property
    def folder(self) -> str:
        """The storage's folder of its sample pictures."""
        return label_free_folder(self.run)


class AskedImage(models.Model):
    """An image that a run did not learn from, which a person is asked to transcribe without seeing what was read."""

    label_free = models.ForeignKey(LabelFree, on_delete=models.CASCADE, related_name="asked")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="+")
    # From 0, in the order in which they are asked.
    place = models.PositiveIntegerField()
    # What the run's model reads, and how surely, 0..1.
    reading = models.CharField(max_length=MAX_LENGTH)
    confidence = models.FloatField()
    # What the person said: a text, or why there is none. One that was withdrawn does not count.
    annotation = models.ForeignKey(Annotation, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["label_free", "image"], name="asked_once")]

    def __str__(self) -> str:
        return f"Image {self.image_id} of {self.label_free_id}"
