"""Models: which one a project reads with, and which rest."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from labeling.errors import Refused
from labeling.models import Project
from labeling.services.audit import Action, record
from training.models import Model, ModelState, Promotion, PromotionKind
from training.recognition.reader import Reader
from training.services.suggesting import start_pass


def production_model(project: Project) -> Model | None:
    """Return the model that a project reads with, if it has one."""
    return project.models.filter(state=ModelState.PRODUCTION).select_related("run").first()


def promote(
    *,
    model: Model,
    user: Any = None,
    why: str = "",
    kind: PromotionKind = PromotionKind.BY_HAND,
) -> None:
    """Make a model its project's production model, the former one a candidate again, and refresh the suggestions.

    Args:
        user: who chose it; None where it won by itself.
        why: in words for people; kept in the history.

    Raises:
        Refused: the model is archived.
    """
    with transaction.atomic():
        project = Project.objects.select_for_update().get(pk=model.project_id)
        model.refresh_from_db(fields=["state"])
        if model.state == ModelState.ARCHIVED:
            raise Refused(f"{model} is archived. Take it out of the archive first, then promote it.")
        current = Model.objects.filter(project_id=model.project_id, state=ModelState.PRODUCTION)
        former = current.exclude(pk=model.pk).first()
        if model.state != ModelState.PRODUCTION:
            Promotion.objects.create(
                project=project, model=model, former=former, kind=kind, user=user, why=why.strip()
            )
        current.exclude(pk=model.pk).update(state=ModelState.CANDIDATE)
        model.state, model.promoted_at = ModelState.PRODUCTION, timezone.now()
        model.save(update_fields=["state", "promoted_at"])
        action = Action.MODEL_ROLLED_BACK if kind == PromotionKind.ROLLED_BACK else Action.MODEL_PROMOTED
        detail = {"former": str(former)} if former else {}
        record(project=project, user=user, action=action, target=str(model), detail=detail)
        start_pass(model=model)


def former_model(project: Project) -> Model | None:
    """Return the model that rolling back leads to: the one that the production model took the place of.

    What rolled back to the production model does not count: rolling back once more goes further into the past.
    """
    promotions = Promotion.objects.filter(project=project, model__state=ModelState.PRODUCTION)
    last = (
        promotions.exclude(kind=PromotionKind.ROLLED_BACK)
        .select_related("former__run", "former__project")
        .first()
    )
    former: Model | None = last.former if last else None
    return former


def roll_back(*, project: Project, user: Any, why: str = "") -> Model:
    """Let a project read with its former production model again; return that.

    Raises:
        Refused: there is none, or it is archived.
    """
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        former = former_model(project)
        if former is None:
            raise Refused(
                f"“{project.name}” has no former production model to go back to. Promote one of its models instead."
            )
        promote(model=former, user=user, why=why, kind=PromotionKind.ROLLED_BACK)
    return former


def archive(*, model: Model, user: Any) -> None:
    """Put a model aside: it stays with its files, but is not offered any more.

    Raises:
        Refused: the project reads with it.
    """
    with transaction.atomic():
        if not _move(model, ModelState.CANDIDATE, ModelState.ARCHIVED):
            if model.state == ModelState.ARCHIVED:
                return
            raise Refused(f"{model} is in production. Promote another model first, then archive this one.")
        record(project=model.project, user=user, action=Action.MODEL_ARCHIVED, target=str(model))


def unarchive(*, model: Model, user: Any) -> None:
    """Make an archived model a candidate again; any other one stays what it is."""
    with transaction.atomic():
        if _move(model, ModelState.ARCHIVED, ModelState.CANDIDATE):
            record(project=model.project, user=user, action=Action.MODEL_UNARCHIVED, target=str(model))


def _move(model: Model, before: ModelState, after: ModelState) -> bool:
    changed = Model.objects.filter(pk=model.pk, state=before).update(state=after)
    model.refresh_from_db(fields=["state"])
    return changed == 1


def open_reader(model: Model, *, threads: int | None = None) -> Reader:
    """Load a model's exported reader from storage; `threads` as in `Reader`."""
    with model.onnx_file.open("rb") as file:
        return Reader(file.read(), threads)
