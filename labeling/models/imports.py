"""Imports: batches that brought images in, with an outcome per file."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from labeling.jobs import Job
from labeling.models.projects import Project


class LabelSource(models.TextChoices):
    """Where the texts of an import come from."""

    FILENAME = "filename", "File names"
    FOLDER = "folder", "Folder names"
    TABLE = "csv", "A table, JSON or dataset"
    NONE = "none", "No labels yet"


class Outcome(models.TextChoices):
    """What became of one file. A bad label does not cost the picture: it comes in and waits in the queue."""

    ADDED = "added", "Added"
    WITHOUT_LABEL = "no_label", "Added without its label"
    LABELLED = "labelled", "Label added"
    DUPLICATE = "duplicate", "Duplicate"
    REJECTED = "rejected", "Rejected"
    TABLE = "table", "Read for its labels"


class Import(Job):
    """A batch of files on its way into a project.

    `position` counts the members already done, so that a worker can go on where another one stopped.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="imports")
    label_source = models.CharField(max_length=10, choices=LabelSource)
    # Whether images stay in the split (training, validation, test) that their folder or dataset names.
    keep_splits = models.BooleanField(default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    position = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    added = models.PositiveIntegerField(default=0)
    without_label = models.PositiveIntegerField(default=0)
    labelled = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Import {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("labeling:import", args=[self.project_id, self.pk])

    @property
    def percent(self) -> int:
        return round(100 * min(1.0, self.position / self.total)) if self.total else 0


def upload_path(upload: "ImportUpload", name: str) -> str:
    """Return where an uploaded file waits for the worker. The name in the row is for people, never a path."""
    return f"projects/{upload.import_batch.project_id}/imports/{upload.import_batch_id}/{upload.order:06d}"


class ImportUpload(models.Model):
    """One uploaded file (an image or an archive), kept until its import is done."""

    import_batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="uploads")
    order = models.PositiveIntegerField()
    name = models.CharField(max_length=500)
    size = models.PositiveBigIntegerField()
    file = models.FileField(upload_to=upload_path, max_length=300)

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["import_batch", "order"], name="upload_order_once")]

    def __str__(self) -> str:
        return self.name


class ImportFile(models.Model):
    """What became of one file of an import; a rejected or noteworthy one says why."""

    import_batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="files")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=500)
    outcome = models.CharField(max_length=10, choices=Outcome)
    message = models.TextField(blank=True)
    image = models.ForeignKey("labeling.Image", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["import_batch", "position"], name="import_position_once")
        ]
        indexes = [models.Index(fields=["import_batch", "outcome", "position"])]

    def __str__(self) -> str:
        return f"{self.name}: {self.outcome}"
