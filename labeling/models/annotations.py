"""Annotations: the texts that people (and imports) gave images, kept for ever."""

from django.conf import settings
from django.db import models

from labeling.models.images import Image
from labeling.models.projects import MAX_LENGTH


class AnnotationSource(models.TextChoices):
    """How a text came to be."""

    TYPED = "typed", "Typed"
    IMPORT = "import", "Import"
    CORRECTION = "correction", "Correction of a reading"
    CONFIRMED = "confirmed", "Suggestion confirmed"
    REVIEW = "review", "Settled in review"


class Annotation(models.Model):
    """The text one annotator gave an image. Never overwritten: undoing withdraws it, a new text is a new row."""

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="annotations")
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="annotations",
    )
    # Whom an imported file names; its people need not be people here.
    annotator_name = models.CharField(max_length=150, blank=True)
    source = models.CharField(max_length=10, choices=AnnotationSource, default=AnnotationSource.TYPED)
    text = models.CharField(max_length=MAX_LENGTH, blank=True)
    # Set instead of a text where the annotator could not or would not read the image.
    skip_reason = models.CharField(max_length=20, blank=True)
    # The browser's own key of the save: a retry after a lost answer finds the row instead of writing a second one.
    key = models.UUIDField(null=True, unique=True)
    milliseconds = models.PositiveIntegerField(null=True)
    # The suggestion that was shown, if any: how often people trust it, and whether they were right to.
    suggested = models.CharField(max_length=MAX_LENGTH, blank=True)
    # Given to an image whose text was known: it says how well the annotator reads, and changes nothing else.
    is_check = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["annotator", "-id"]),
            models.Index(
                fields=["annotator", "-id"], name="annotation_checks", condition=models.Q(is_check=True)
            ),
        ]

    def __str__(self) -> str:
        return self.text or f"skipped: {self.skip_reason}"
