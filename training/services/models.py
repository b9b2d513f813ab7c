"""Models: which one a project reads with."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from labeling.models import Project
from labeling.services.audit import Action, record
from training.models import Model, ModelState, Split
from training.recognition.reader import Reader
from training.services.datasets import decoded_split
from training.services.evaluation import evaluate_reader
from training.services.suggesting import start_pass


def production_model(project: Project) -> Model | None:
    """Return the model that a project reads with, if it has one."""
    return project.models.filter(state=ModelState.PRODUCTION).select_related("run").first()


def promote(*, model: Model, user: Any = None) -> None:
    """Make a model its project's production model, the former one a candidate again, and refresh the suggestions.

    Args:
        user: who chose it; None where it won by itself.
    """
    with transaction.atomic():
        project = Project.objects.select_for_update().get(pk=model.project_id)
        former = Model.objects.filter(project_id=model.project_id, state=ModelState.PRODUCTION)
        former.exclude(pk=model.pk).update(state=ModelState.CANDIDATE)
        model.state, model.promoted_at = ModelState.PRODUCTION, timezone.now()
        model.save(update_fields=["state", "promoted_at"])
        record(project=project, user=user, action=Action.MODEL_PROMOTED, target=str(model))
        start_pass(model=model)


def promote_if_better(*, model: Model) -> bool:
    """Promote a new model where there is none yet, or where it reads at least as many of the same validation images.

    The test images have no say: a number that chose the model could not be trusted as its measure afterwards.
    """
    current = production_model(model.project)
    if current is not None and current.pk != model.pk:
        same_images = decoded_split(model.run.dataset, Split.VALIDATION)
        if (
            model.metrics[Split.VALIDATION]["right"]
            < evaluate_reader(open_reader(current), same_images).right
        ):
            return False
    promote(model=model)
    return True


def open_reader(model: Model, *, threads: int | None = None) -> Reader:
    """Load a model's exported reader from storage; `threads` as in `Reader`."""
    with model.onnx_file.open("rb") as file:
        return Reader(file.read(), threads)
