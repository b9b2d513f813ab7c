"""Images: content-addressed pictures, unique in their project."""

from django.db import models
from django.urls import reverse

from labeling.models.projects import MAX_LENGTH, Project
from labeling.querysets import ImageQuerySet

THUMBNAIL_WIDTH, THUMBNAIL_HEIGHT = 640, 160


class ImageStatus(models.TextChoices):
    """Whether an image has its agreed text."""

    UNLABELLED = "unlabelled", "Unlabelled"
    LABELLED = "labelled", "Labelled"
    DISPUTED = "disputed", "Disputed"
    SKIPPED = "skipped", "Skipped"


class Split(models.TextChoices):
    """What an image of a dataset is for."""

    TRAIN = "train", "Training"
    VALIDATION = "validation", "Validation"
    TEST = "test", "Test"


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
    # How many people's annotations stand; with an overlap, an image waits until there are enough.
    readings = models.PositiveSmallIntegerField(default=0)
    # When it was settled with two readings or more; None with fewer. How well people agree is told from the last ones.
    compared_at = models.DateTimeField(null=True)
    # Of its suggestion, 0..1; 0 without one: least sure first is the order of this column.
    confidence = models.FloatField(default=0.0)
    # Its text is beyond doubt: it is handed out now and then to see how well people read.
    is_gold = models.BooleanField(default=False)
    # The split that the files it came with gave it; blank: its content decides.
    pinned_split = models.CharField(max_length=10, choices=Split, blank=True)

    objects = ImageQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "sha256"], name="image_once_per_project")]
        indexes = [
            models.Index(fields=["project", "status", "id"]),
            models.Index(fields=["project", "status", "confidence", "id"]),
            # Content hashes are as good as random: the order of the queue "random".
            models.Index(fields=["project", "status", "sha256"]),
            models.Index(fields=["project", "id"], name="gold_images", condition=models.Q(is_gold=True)),
            models.Index(
                fields=["project", "-compared_at"],
                name="compared_images",
                condition=models.Q(compared_at__isnull=False),
            ),
            models.Index(
                fields=["project", "status", "pinned_split"],
                name="pinned_images",
                condition=~models.Q(pinned_split=""),
            ),
            # Tables of labels name images.
            models.Index(fields=["project", "name"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        return reverse("labeling:image_file", args=[self.project_id, self.pk])

    @property
    def is_check(self) -> bool:
        """Whether it may be handed out to see how well somebody reads: gold, and still with a text."""
        return self.is_gold and self.status == ImageStatus.LABELLED

    @property
    def thumbnail_url(self) -> str:
        """Where a picture small enough for a grid is; most images are small enough themselves."""
        if self.width <= THUMBNAIL_WIDTH and self.height <= THUMBNAIL_HEIGHT:
            return self.url
        address = reverse("labeling:thumbnail", args=[self.project_id, self.pk])
        return f"{address}?within={THUMBNAIL_WIDTH}x{THUMBNAIL_HEIGHT}"
