"""The page Read without labels, what the page of such a run shows besides, and the page that adjusts its style."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from labeling.access import Act, get_project, may
from labeling.errors import Refused
from labeling.models import Project
from training.label_free_details import label_free_details
from training.label_free_form import LabelFreeForm
from training.models import LabelFree, Model, Teaching
from training.querysets import places_in_line
from training.services.label_free import Wish, checked_style, start_without_labels, train_again
from training.services.label_free_estimate import training_estimate
from training.services.label_free_pictures import picture_rows
from training.services.style_preview import draw_samples, real_samples
from training.services.unlabelled import LEAST_PICTURES, outlook_of
from training.style_form import StyleForm

RUNS_SHOWN = 20


@require_GET
def without_labels(request: HttpRequest, project_id: int) -> HttpResponse:
    """Offer a training without labels, and list those that there were; `like=3` begins with what run 3 was told."""
    project = get_project(request.user, project_id)
    number = request.GET.get("like", "")
    if not number:
        return _page(request, project, LabelFreeForm())
    told = _get(project, int(number) if number.isdecimal() and len(number) < 10 else 0)
    return _page(request, project, LabelFreeForm.like(Wish.of(told), told.run.seed))


@require_POST
def start_label_free(request: HttpRequest, project_id: int) -> HttpResponse:
    """Start a training without labels."""
    project = get_project(request.user, project_id, Act.TRAIN)
    form = LabelFreeForm(request.POST)
    if form.is_valid():
        try:
            run = start_without_labels(
                project=project, user=request.user, wish=form.wish(), seed=form.seed_wished
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(run)
    return _page(request, project, form, status=422)


@require_POST
def label_free_estimate(request: HttpRequest, project_id: int) -> HttpResponse:
    """Draw how long the training that a form describes would take."""
    project = get_project(request.user, project_id, Act.TRAIN)
    form = LabelFreeForm(request.POST)
    context: dict[str, object] = {"is_valid": form.is_valid()}
    if form.is_valid():
        try:
            context["estimate"] = training_estimate(project=project, wish=form.wish())
        except Refused as refusal:
            context["refusal"] = str(refusal)
    return render(request, "training/_label_free_estimate.html", context)


def _page(request: HttpRequest, project: Project, form: LabelFreeForm, status: int = 200) -> HttpResponse:
    rows = project.runs.filter(teaching=Teaching.NO_LABELS).select_related("model", "label_free")
    runs = list(rows.defer("label_free__style", "label_free__pictures")[:RUNS_SHOWN])
    places = places_in_line(runs)
    context = {
        "project": project,
        "runs": [(run, places.get(run.pk)) for run in runs],
        "form": form,
        "outlook": outlook_of(project),
        "least": LEAST_PICTURES,
        "may_train": may(request.user, project, Act.TRAIN),
        "may_change_settings": may(request.user, project, Act.CHANGE_SETTINGS),
    }
    return render(request, "training/without_labels.html", context, status=status)


@require_GET
def label_free(request: HttpRequest, project_id: int, label_free_number: int) -> HttpResponse:
    """Draw what a training without labels does, for the page of its run."""
    project = get_project(request.user, project_id)
    row = _get(project, label_free_number)
    if not request.headers.get("HX-Request"):
        return redirect(row.run)
    context = {
        "project": project,
        "run": row.run,
        "details": label_free_details(row),
        "has_model": Model.objects.filter(run=row.run).exists(),
        "may_train": may(request.user, project, Act.TRAIN),
        "may_label": may(request.user, project, Act.LABEL),
    }
    return render(request, "training/_label_free.html", context)


@require_GET
def label_free_picture(
    request: HttpRequest, project_id: int, label_free_number: int, name: str, index: int
) -> HttpResponse:
    """Send one of the sample pictures; they never change."""
    row = _get(get_project(request.user, project_id), label_free_number)
    found = [each for each in picture_rows(row) if each.file.rsplit("/", 1)[-1] == name]
    try:
        data = found[0].place(index).read()
    except (IndexError, FileNotFoundError):
        raise Http404("This picture is gone: newer ones took its place.") from None
    response = HttpResponse(data, content_type="image/png")
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


@require_http_methods(["GET", "POST"])
def adjust_style(request: HttpRequest, project_id: int, label_free_number: int) -> HttpResponse:
    """Show the style of a run with every value to be adjusted; train again with what was posted."""
    act = Act.TRAIN if request.method == "POST" else Act.VIEW
    project = get_project(request.user, project_id, act)
    row = _get(project, label_free_number)
    if row.style is None:
        return redirect(row.run)
    form = StyleForm(row.style, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(train_again(label_free=row, user=request.user, style=form.to_json()))
        except Refused as refusal:
            form.add_error(None, str(refusal))
    context = {
        "project": project,
        "run": row.run,
        "label_free": row,
        "form": form,
        "real": real_samples(row),
        "may_train": may(request.user, project, Act.TRAIN),
    }
    status = 422 if form.is_bound else 200
    return render(request, "training/adjust_style.html", context, status=status)


@require_POST
def style_preview(request: HttpRequest, project_id: int, label_free_number: int) -> HttpResponse:
    """Draw some texts in the style that a form describes. Nothing is saved."""
    project = get_project(request.user, project_id)
    row = _get(project, label_free_number)
    form = StyleForm(row.style or {}, request.POST)
    context: dict[str, Any] = {"project": project}
    if form.is_valid():
        try:
            style = checked_style(form.to_json())
            context["drawn"] = draw_samples(project=project, style=style, seed=row.run.seed)
        except Refused as refusal:
            context["problem"] = str(refusal)
    else:
        context["problem"] = "; ".join(
            f"{form.fields[name].label}: {errors[0]}" if name in form.fields else str(errors[0])
            for name, errors in form.errors.items()
        )
    return render(request, "training/_style_preview.html", context)


def _get(project: Project, number: int) -> LabelFree:
    rows = LabelFree.objects.select_related("run__preparation", "run__dataset", "run__project")
    row: LabelFree = get_object_or_404(rows, run__project=project, run__number=number)
    row.run.project = project
    return row
