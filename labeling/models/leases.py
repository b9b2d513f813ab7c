"""Leases: who is looking at which image just now."""

from django.conf import settings
from django.db import models

from labeling.models.images import Image


class Lease(models.Model):
    """An image in somebody's hands until `expires_at`; then it is free again without anybody's doing."""

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="leases")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="leases")
    # The page (a browser tab) that holds the image: a reload is handed its own images again, another tab others.
    page = models.UUIDField(null=True)
    # Handed out as a check of the annotator, see `Image.is_gold`.
    is_check = models.BooleanField(default=False)
    leased_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["image", "user"], name="lease_once_per_person")]
        indexes = [models.Index(fields=["user", "expires_at"])]

    def __str__(self) -> str:
        return f"{self.image_id} with {self.user_id}"
