"""Contact sheets that people confirmed, and the characters that they confirmed on them."""

from django.conf import settings
from django.db import models

from labeling.models.images import Image
from labeling.models.projects import MAX_LENGTH, Project


class Sheet(models.Model):
    """One contact sheet that somebody confirmed with one key press: the unit of saving and of undoing."""

    # The browser's own key of the sheet: sent twice, it counts once.
    key = models.UUIDField(unique=True)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="sheets")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sheets")
    # Ids of the images that it gave a text; see `labeling.services.confirming.annotation_key`.
    annotated = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["project", "user", "-id"])]

    def __str__(self) -> str:
        return f"Sheet {self.pk}"


class SliceConfirmation(models.Model):
    """What one person says that one slice of an image shows. With all of its slices, an image has its text.

    Each person's confirmations count for that person's own reading only.
    """

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="confirmations")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="slice_confirmations"
    )
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="slice_confirmations")
    # The text that the sheets showed of the image: of another text, slices are cut elsewhere and mean something else.
    shown = models.CharField(max_length=MAX_LENGTH)
    position = models.PositiveSmallIntegerField()
    # Empty: it cannot be told from the slice; the image is set aside to be typed as a whole.
    character = models.CharField(max_length=1, blank=True)

    class Meta:
        ordering = ["image_id", "position"]
        constraints = [
            # Also the index by which a person's confirmations of some images are found.
            models.UniqueConstraint(
                fields=["user", "image", "shown", "position"], name="slice_confirmed_once_per_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.image_id}[{self.position}] {self.character}"
