"""Models: what runs produce."""

from django.db import models
from django.urls import reverse

from labeling.models import Project
from training.models.runs import Run


class ModelState(models.TextChoices):
    """A project reads with its one production model; the others wait or rest."""

    CANDIDATE = "candidate", "Candidate"
    PRODUCTION = "production", "Production"
    ARCHIVED = "archived", "Archived"


def model_path(model: "Model", name: str) -> str:
    return f"projects/{model.project_id}/models/{model.run_id}/{name}"


class Model(models.Model):
    """A trained reader: the Keras model, and the self-contained ONNX file that serves it."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="models")
    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="model")
    state = models.CharField(max_length=10, choices=ModelState, default=ModelState.CANDIDATE)
    # Empty for a model that Keras did not make.
    keras_file = models.FileField(upload_to=model_path, max_length=300, blank=True)
    onnx_file = models.FileField(upload_to=model_path, max_length=300)
    parameter_count = models.PositiveIntegerField()
    # Per split, what `training.recognition.metrics.Evaluation.to_json` writes. Older rows lack the newer keys.
    metrics = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    promoted_at = models.DateTimeField(null=True)
    # Why the project's rule did not put it into production when it was made, in words; empty where it did.
    rule_note = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(state="production"),
                name="one_production_model",
            )
        ]

    def __str__(self) -> str:
        return f"Model {self.run.number}"

    def get_absolute_url(self) -> str:
        return reverse("training:model", args=[self.project_id, self.pk])
