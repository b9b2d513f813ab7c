"""The models of a project: which one it reads with, what is known of each, and their files."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from labeling.access import Act, get_project, may
from labeling.errors import Refused
from labeling.models import Project
from labeling.paging import KeysetPage, keyset_page
from training.model_card import model_card
from training.models import Model, ModelState, Promotion, Rule
from training.querysets import architecture_title
from training.recognition.architectures import ARCHITECTURES
from training.services.model_files import NoSuchFile, open_file
from training.services.models import archive, former_model, promote, roll_back, unarchive
from training.services.promoting import change_rule, rule_of

MODELS_SHOWN = 50
PROMOTIONS_SHOWN = 10


@require_GET
def models(request: HttpRequest, project_id: int) -> HttpResponse:
    """List a project's models, newest first; archived ones on a page of their own."""
    project = get_project(request.user, project_id)
    archived = request.GET.get("state") == ModelState.ARCHIVED
    rows = Model.objects.filter(project=project).select_related("run__dataset", "project")
    chosen = rows.filter(state=ModelState.ARCHIVED) if archived else rows.exclude(state=ModelState.ARCHIVED)
    page: KeysetPage[Model] = keyset_page(chosen, request.GET, size=MODELS_SHOWN, newest_first=True)
    promotions = Promotion.objects.filter(project=project)
    context = {
        "project": project,
        "page": page,
        "models": [(model, architecture_title(model.run.architecture)) for model in page.rows],
        "archived": archived,
        "archived_count": rows.filter(state=ModelState.ARCHIVED).count(),
        "promotions": promotions.select_related("model__run", "former__run", "user")[:PROMOTIONS_SHOWN],
        "former": former_model(project),
        "rule": rule_of(project),
        "rules": Rule.choices,
        "may_change_rule": may(request.user, project, Act.CHANGE_SETTINGS),
        **_rights(request, project),
    }
    return render(request, "training/models.html", context)


@require_GET
def model(request: HttpRequest, project_id: int, model_id: int) -> HttpResponse:
    """Show a model's card: how right it is, where it is wrong, and how it was made."""
    project = get_project(request.user, project_id)
    rows = Model.objects.filter(project=project)
    rows = rows.select_related("run__dataset", "run__preparation", "run__created_by", "project")
    shown = get_object_or_404(rows, pk=model_id)
    card = model_card(shown)
    context = {
        "project": project,
        "model": shown,
        "card": card,
        "architecture": card.architecture,
        "known_architecture": ARCHITECTURES.get(shown.run.architecture),
        "details": card.details,
        "promotions": shown.promotions.select_related("former__run", "user")[:PROMOTIONS_SHOWN],
        **_rights(request, project),
    }
    return render(request, "training/model.html", context)


@require_POST
def promote_model(request: HttpRequest, project_id: int, model_id: int) -> HttpResponse:
    """Make a model the one that the project reads with."""
    project = get_project(request.user, project_id, Act.PROMOTE)
    model = _get_model(project, model_id)
    try:
        promote(model=model, user=request.user, why=request.POST.get("why", ""))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"“{project.name}” reads with {str(model).lower()} from now on.")
    return redirect("training:models", project.pk)


@require_POST
def roll_back_model(request: HttpRequest, project_id: int) -> HttpResponse:
    """Let the project read with its former production model again."""
    project = get_project(request.user, project_id, Act.PROMOTE)
    try:
        former = roll_back(project=project, user=request.user, why=request.POST.get("why", ""))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"“{project.name}” reads with {str(former).lower()} again.")
    return redirect("training:models", project.pk)


@require_POST
def archive_model(request: HttpRequest, project_id: int, model_id: int) -> HttpResponse:
    """Put a model aside."""
    project = get_project(request.user, project_id, Act.PROMOTE)
    model = _get_model(project, model_id)
    try:
        archive(model=model, user=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{model} is archived.")
    return redirect("training:models", project.pk)


@require_POST
def unarchive_model(request: HttpRequest, project_id: int, model_id: int) -> HttpResponse:
    """Make an archived model a candidate again."""
    project = get_project(request.user, project_id, Act.PROMOTE)
    model = _get_model(project, model_id)
    unarchive(model=model, user=request.user)
    messages.success(request, f"{model} is a {model.get_state_display().lower()} again.")
    return redirect("training:models", project.pk)


@require_POST
def promotion_rule(request: HttpRequest, project_id: int) -> HttpResponse:
    """Choose when a new model is promoted by itself."""
    project = get_project(request.user, project_id, Act.CHANGE_SETTINGS)
    try:
        change_rule(project=project, user=request.user, rule=request.POST.get("rule", ""))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The rule is saved. It holds for models that are made from now on.")
    return redirect("training:models", project.pk)


@require_GET
def download_model(request: HttpRequest, project_id: int, model_id: int, kind: str) -> FileResponse:
    """Send a model's file: `onnx` (complete with its preprocessing), `keras`, or a `zip` that reads by itself."""
    project = get_project(request.user, project_id, Act.EXPORT)
    try:
        file = open_file(model=_get_model(project, model_id), user=request.user, kind=kind)
    except NoSuchFile as error:
        raise Http404(str(error)) from None
    return FileResponse(file.content, as_attachment=True, filename=file.name, content_type=file.type)


def _get_model(project: Project, model_id: int) -> Model:
    rows = Model.objects.select_related("run__dataset", "run__preparation", "project")
    model: Model = get_object_or_404(rows, project=project, pk=model_id)
    return model


def _rights(request: HttpRequest, project: Project) -> dict[str, Any]:
    return {
        "may_promote": may(request.user, project, Act.PROMOTE),
        "may_export": may(request.user, project, Act.EXPORT),
    }
