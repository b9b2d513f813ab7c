"""The models of a project: which one it reads with, how good each is, and their files."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_POST

from labeling.access import Act, get_project, may
from training.model_details import model_details
from training.models import Model
from training.querysets import architecture_title
from training.recognition.architectures import ARCHITECTURES
from training.services.models import promote

MODELS_SHOWN = 50


@require_GET
def models(request: HttpRequest, project_id: int) -> HttpResponse:
    """List a project's models, newest first."""
    project = get_project(request.user, project_id)
    rows = Model.objects.filter(project=project).select_related("run__dataset", "project").order_by("-id")
    context = {
        "project": project,
        "models": [(model, architecture_title(model.run.architecture)) for model in rows[:MODELS_SHOWN]],
        "may_promote": may(request.user, project, Act.PROMOTE),
        "may_export": may(request.user, project, Act.EXPORT),
    }
    return render(request, "training/models.html", context)


@require_GET
def model(request: HttpRequest, project_id: int, model_id: int) -> HttpResponse:
    """Show how right a model is, and where it is wrong."""
    project = get_project(request.user, project_id)
    rows = Model.objects.filter(project=project).select_related("run__dataset", "project")
    shown = get_object_or_404(rows, pk=model_id)
    context = {
        "project": project,
        "model": shown,
        "architecture": architecture_title(shown.run.architecture),
        "known_architecture": ARCHITECTURES.get(shown.run.architecture),
        "details": model_details(shown),
        "may_promote": may(request.user, project, Act.PROMOTE),
        "may_export": may(request.user, project, Act.EXPORT),
    }
    return render(request, "training/model.html", context)


@require_POST
def promote_model(request: HttpRequest, project_id: int, model_id: int) -> HttpResponse:
    """Make a model the one that the project reads with."""
    project = get_project(request.user, project_id, Act.PROMOTE)
    model = get_object_or_404(Model.objects.select_related("run"), project=project, pk=model_id)
    promote(model=model, user=request.user)
    messages.success(request, f"“{project.name}” reads with {str(model).lower()} from now on.")
    return redirect("training:models", project.pk)


@require_GET
def download_model(request: HttpRequest, project_id: int, model_id: int, kind: str) -> FileResponse:
    """Send a model's file: `onnx` (complete with its preprocessing) or `keras`."""
    project = get_project(request.user, project_id, Act.EXPORT)
    model = get_object_or_404(Model.objects.select_related("run"), project=project, pk=model_id)
    files = {"onnx": model.onnx_file, "keras": model.keras_file}
    if not files.get(kind):
        raise Http404(f"{model} has no file of the kind {kind!r}.")
    name = f"{slugify(project.name) or 'project'}-model-{model.run.number}.{kind}"
    try:
        return FileResponse(files[kind].open("rb"), as_attachment=True, filename=name)
    except FileNotFoundError:
        raise Http404(f"The file of {model} is missing from the storage.") from None
