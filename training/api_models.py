"""API routes of models: which one reads, their cards and files, and the rule that promotes them."""

from datetime import datetime
from typing import Any

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from labeling.access import Act, get_project
from labeling.api_files import FILE
from labeling.api_paging import Page, Paging, cursor_page
from labeling.models import Project
from training.model_card import model_card
from training.models import Model, Promotion
from training.services import models as services
from training.services.model_files import NoSuchFile, open_file
from training.services.promoting import change_rule, rule_of

router = Router(tags=["models"])


class ModelOut(Schema):
    """`test_accuracy` and `validation_accuracy` count whole texts, 0 to 1; None: not measured."""

    id: int
    run: int
    state: str
    architecture: str
    test_accuracy: float | None
    validation_accuracy: float | None
    created_at: datetime
    promoted_at: datetime | None


class WhyIn(Schema):
    why: str = ""


class PromotionOut(Schema):
    """`user` is None where the project's rule chose."""

    model: int
    former: int | None
    kind: str
    user: str | None
    why: str
    created_at: datetime


class RuleIn(Schema):
    rule: str


@router.get("/projects/{project_id}/models", response=Page[ModelOut], summary="The models, newest first")
def list_models(request: HttpRequest, project_id: int, paging: Query[Paging]) -> dict[str, Any]:
    rows = Model.objects.filter(project=get_project(request.user, project_id)).select_related("run")
    return cursor_page(rows, paging, newest_first=True, shown=_model)


@router.get("/projects/{project_id}/models/{model_id}", response=dict[str, Any], summary="A model's card")
def show_model(request: HttpRequest, project_id: int, model_id: int) -> dict[str, Any]:
    """Data, metrics with 95 % intervals, known confusions, how it was made, intended use and limits."""
    return model_card(_get_model(get_project(request.user, project_id), model_id)).to_json()


@router.post(
    "/projects/{project_id}/models/{model_id}/promote", response=ModelOut, summary="Read with this model"
)
def promote(request: HttpRequest, project_id: int, model_id: int, wish: WhyIn) -> dict[str, Any]:
    model = _get_model(get_project(request.user, project_id, Act.PROMOTE), model_id)
    services.promote(model=model, user=request.user, why=wish.why)
    return _model(model)


@router.post(
    "/projects/{project_id}/roll-back", response=ModelOut, summary="Read with the former production model"
)
def roll_back(request: HttpRequest, project_id: int, wish: WhyIn) -> dict[str, Any]:
    project = get_project(request.user, project_id, Act.PROMOTE)
    return _model(services.roll_back(project=project, user=request.user, why=wish.why))


@router.post(
    "/projects/{project_id}/models/{model_id}/archive", response=ModelOut, summary="Put a model aside"
)
def archive(request: HttpRequest, project_id: int, model_id: int) -> dict[str, Any]:
    model = _get_model(get_project(request.user, project_id, Act.PROMOTE), model_id)
    services.archive(model=model, user=request.user)
    return _model(model)


@router.post(
    "/projects/{project_id}/models/{model_id}/unarchive",
    response=ModelOut,
    summary="Make an archived model a candidate again",
)
def unarchive(request: HttpRequest, project_id: int, model_id: int) -> dict[str, Any]:
    model = _get_model(get_project(request.user, project_id, Act.PROMOTE), model_id)
    services.unarchive(model=model, user=request.user)
    return _model(model)


@router.get(
    "/projects/{project_id}/models/{model_id}/files/{kind}", summary="Download a model", openapi_extra=FILE
)
def download(request: HttpRequest, project_id: int, model_id: int, kind: str) -> FileResponse:
    """`kind`: onnx (complete with its preprocessing), keras, or zip (reads by itself, with ten lines of Python)."""
    model = _get_model(get_project(request.user, project_id, Act.EXPORT), model_id)
    try:
        file = open_file(model=model, user=request.user, kind=kind)
    except NoSuchFile as error:
        raise Http404(str(error)) from None
    return FileResponse(file.content, as_attachment=True, filename=file.name, content_type=file.type)


@router.get(
    "/projects/{project_id}/promotions", response=Page[PromotionOut], summary="Which model read when, and why"
)
def list_promotions(request: HttpRequest, project_id: int, paging: Query[Paging]) -> dict[str, Any]:
    """Newest first."""
    project = get_project(request.user, project_id)
    return cursor_page(project.promotions.select_related("user"), paging, newest_first=True, shown=_promotion)


@router.get("/projects/{project_id}/promotion-rule", response=RuleIn, summary="When models are promoted")
def show_rule(request: HttpRequest, project_id: int) -> dict[str, str]:
    return {"rule": rule_of(get_project(request.user, project_id))}


@router.post(
    "/projects/{project_id}/promotion-rule", response=RuleIn, summary="Change when models are promoted"
)
def save_rule(request: HttpRequest, project_id: int, wish: RuleIn) -> dict[str, str]:
    """`as_good`: when it reads at least as many validation images right; `proven`: more, and hardly by chance;
    `by_hand`: never by itself."""
    project = get_project(request.user, project_id, Act.CHANGE_SETTINGS)
    change_rule(project=project, user=request.user, rule=wish.rule)
    return {"rule": rule_of(project)}


def _get_model(project: Project, model_id: int) -> Model:
    rows = Model.objects.select_related("run__dataset", "run__preparation", "project")
    model: Model = get_object_or_404(rows, project=project, pk=model_id)
    return model


def _promotion(row: Promotion) -> dict[str, Any]:
    return {
        "model": row.model_id,
        "former": row.former_id,
        "kind": row.kind,
        "user": row.user.get_username() if row.user else None,
        "why": row.why,
        "created_at": row.created_at,
    }


def _model(model: Model) -> dict[str, Any]:
    test, validation = model.metrics.get("test", {}), model.metrics.get("validation", {})
    return {
        "id": model.pk,
        "run": model.run.number,
        "state": model.state,
        "architecture": model.run.architecture,
        "test_accuracy": test.get("whole_string_accuracy"),
        "validation_accuracy": validation.get("whole_string_accuracy"),
        "created_at": model.created_at,
        "promoted_at": model.promoted_at,
    }
