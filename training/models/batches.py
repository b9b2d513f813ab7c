"""Batches: many images that are read on workers, and who is told when they are."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from labeling.jobs import Job
from labeling.models import Project
from training.models.models import Model


class ReadingBatch(Job):
    """Thousands of images that one model reads. Each is answered by one `Prediction`, also one that cannot be read.

    `next_upload` and `next_member` say where the next worker goes on: which upload, and how many of its files are
    answered. They move in the transaction that writes the answers.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="reading_batches")
    # The one that it began with, whichever is promoted meanwhile.
    model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="reading_batches")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    next_upload = models.PositiveIntegerField(default=0)
    next_member = models.PositiveIntegerField(default=0)
    # How many images are answered, and of how many; None while that is not known.
    position = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    # Of the answered ones. What is neither of these three was read surely.
    failed = models.PositiveIntegerField(default=0)
    unsure = models.PositiveIntegerField(default=0)
    other_family = models.PositiveIntegerField(default=0)
    # What a person should still look at, and what one has confirmed or corrected.
    to_check = models.PositiveIntegerField(default=0)
    checked = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Batch {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("training:batch", args=[self.project_id, self.pk])

    @property
    def folder(self) -> str:
        """Where its pictures lie in the storage; nothing else lies there."""
        return f"projects/{self.project_id}/batches/{self.pk}"

    @property
    def read(self) -> int:
        return self.position - self.failed

    @property
    def sure(self) -> int:
        return self.read - self.unsure - self.other_family

    @property
    def percent(self) -> int:
        return round(100 * min(1.0, self.position / self.total)) if self.total else 0


class BatchUpload(models.Model):
    """A file that waits for its batch's worker: an archive, or a picture that shares a stored file with others."""

    batch = models.ForeignKey(ReadingBatch, on_delete=models.CASCADE, related_name="uploads")
    order = models.PositiveIntegerField()
    # As the user knows it: a relative path perhaps, never used as one here.
    name = models.CharField(max_length=500)
    file = models.CharField(max_length=300)
    # In bytes, within the stored file.
    offset = models.PositiveBigIntegerField(default=0)
    size = models.PositiveBigIntegerField()
    is_archive = models.BooleanField(default=False)

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["batch", "order"], name="batch_upload_order_once")]

    def __str__(self) -> str:
        return self.name


class Webhook(models.Model):
    """Where a project's ended batches are announced. Its secret is made of `nonce`, so that no table holds it."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="webhook")
    url = models.CharField(max_length=500)
    nonce = models.CharField(max_length=64)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.url


class WebhookDelivery(Job):
    """The announcement of one ended batch. It is queued until its receiver says yes, each time for longer."""

    batch = models.OneToOneField(ReadingBatch, on_delete=models.CASCADE, related_name="delivery")
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    # What came of the last try, in words for people.
    outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "due_at"])]

    def __str__(self) -> str:
        return f"Webhook of {self.batch}"
