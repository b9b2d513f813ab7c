"""Images: content-addressed pictures, unique in their project."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from labeling.models.projects import MAX_LENGTH, Project
from labeling.querysets import ImageQuerySet


class ImageStatus(models.TextChoices):
    """Whether an image has its agreed text."""

    UNLABELLED = "unlabelled", "Unlabelled"
    LABELLED = "labelled", "Labelled"
    SKIPPED = "skipped", "Skipped"


def image_path(project_id: int, sha256: str, extension: str) -> str:
    """Return the storage path of an image: derived from its content, so that storing it twice is harmless."""
    return f"projects/{project_id}/images/{sha256[:2]}/{sha256}.{extension}"


class Image(models.Model):
    """One picture. `text` is the agreed text; the annotations that led to it are kept beside it."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="images")
    sha256 = models.CharField(max_length=64)
    file = models.FileField(max_length=200)
    name = models.CharField(max_length=500)
    format = models.CharField(max_length=10)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    # 128 bytes, see labeling.imaging.similarity: keeps near-duplicates in one split.
    fingerprint = models.BinaryField(max_length=128)
    status = models.CharField(max_length=10, choices=ImageStatus, default=ImageStatus.UNLABELLED)
    text = models.CharField(max_length=MAX_LENGTH, blank=True)
    skip_reason = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # Someone is looking at the image until then; nobody else is handed it meanwhile.
    leased_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    leased_until = models.DateTimeField(null=True)

    objects = ImageQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "sha256"], name="image_once_per_project")]
        indexes = [models.Index(fields=["project", "status", "id"])]

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        return reverse("labeling:image_file", args=[self.project_id, self.pk])
