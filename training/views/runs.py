"""The Train page, and the page of one run.

Deleting a run has a page of its own, see `training.views.deleting`.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from labeling.access import Act, get_project, may
from labeling.errors import Refused
from labeling.models import Project
from labeling.recipe_form import describe
from training.forms import NewRunForm
from training.models import Run
from training.querysets import architecture_title, places_in_line
from training.recognition.architectures import ARCHITECTURES
from training.run_charts import run_charts, use_charts
from training.run_rounds import round_rows, rounds_version
from training.run_table import run_table
from training.services.data_warnings import data_warnings
from training.services.datasets import MIN_IMAGES, split_outlook
from training.services.estimates import estimate
from training.services.runs import create_run
from training.services.runs import resume_run as resume
from training.services.runs import retry_run as retry
from training.services.runs import stop_run as stop
from training.views.watching import curve_context


@require_GET
def runs(request: HttpRequest, project_id: int) -> HttpResponse:
    """List the runs of a project, and offer a new one; `clone=3` fills the form with what run 3 was told."""
    project = get_project(request.user, project_id)
    return _runs_page(
        request, project, NewRunForm(project, copy_of=_named_run(project, request.GET, "clone"))
    )


@require_POST
def new_run(request: HttpRequest, project_id: int) -> HttpResponse:
    """Start a run."""
    project = get_project(request.user, project_id, Act.TRAIN)
    form = NewRunForm(project, request.POST, copy_of=_named_run(project, request.POST, "copy_of"))
    if form.is_valid():
        try:
            run = create_run(project=project, user=request.user, **form.wish())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(run)
    return _runs_page(request, project, form, status=422)


@require_POST
def run_estimate(request: HttpRequest, project_id: int) -> HttpResponse:
    """Draw how long the run that a form describes would take."""
    project = get_project(request.user, project_id, Act.TRAIN)
    form = NewRunForm(project, request.POST)
    context: dict[str, object] = {"is_valid": form.is_valid()}
    if form.is_valid():
        context["wish"] = form.wish()
        try:
            context["estimate"] = estimate(project=project, task=form.task, **form.wish_for_estimate())
        except Refused as refusal:
            context["refusal"] = str(refusal)
    return render(request, "training/_run_estimate.html", context)


def _named_run(project: Project, wish: QueryDict, name: str) -> Run | None:
    number = wish.get(name, "")
    if not number:
        return None
    rows = project.runs.select_related("dataset", "preparation", "project")
    run: Run = get_object_or_404(rows, number=int(number) if number.isdecimal() and len(number) < 10 else 0)
    return run


def _runs_page(request: HttpRequest, project: Project, form: NewRunForm, status: int = 200) -> HttpResponse:
    outlook = split_outlook(project)
    context = {
        "project": project,
        "table": run_table(project, request.GET),
        "form": form,
        "architectures": form.architectures,
        "outlook": outlook,
        "min_images": MIN_IMAGES,
        "warnings": data_warnings(project, outlook),
        "may_train": may(request.user, project, Act.TRAIN),
    }
    return render(request, "training/runs.html", context, status=status)


@require_GET
def run(request: HttpRequest, project_id: int, number: int) -> HttpResponse:
    """Show a run: live while it trains, with its model afterwards."""
    context = _context(request, project_id, number)
    row, known = context["run"], context["known_architecture"]
    # A forest grows at once: there is no curve to draw.
    if known is None or known.learns_in_steps:
        context["charts"] = run_charts(row, follows_positions=known is not None and known.follows_positions)
    context |= {
        "use_charts": use_charts(row),
        "use": getattr(row, "use", None),
        "report": getattr(row, "report", None),
        "rounds": round_rows(row),
        "rounds_version": rounds_version(row.rounds),
    }
    return render(request, "training/run.html", context | curve_context(request, row))


@require_GET
def run_summary(request: HttpRequest, project_id: int, number: int) -> HttpResponse:
    """Draw what changes with a run's state: its badge, its model, what one may do now."""
    return render(request, "training/_run_summary.html", _context(request, project_id, number))


@require_POST
def stop_run(request: HttpRequest, project_id: int, number: int) -> HttpResponse:
    """Ask a run to stop."""
    row = _get_run(request, project_id, number, Act.TRAIN)
    stop(run=row, user=request.user)
    return redirect(row)


@require_POST
def resume_run(request: HttpRequest, project_id: int, number: int) -> HttpResponse:
    """Let a stopped or failed run go on from its last checkpoint."""
    row = _get_run(request, project_id, number, Act.TRAIN)
    try:
        resume(run=row, user=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(row)


@require_POST
def retry_run(request: HttpRequest, project_id: int, number: int) -> HttpResponse:
    """Start a run with all that a failed one was given, and go to its page."""
    row = _get_run(request, project_id, number, Act.TRAIN)
    try:
        again = retry(run=row, user=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(row)
    return redirect(again)


def _get_run(request: HttpRequest, project_id: int, number: int, act: Act = Act.VIEW) -> Run:
    project = get_project(request.user, project_id, act)
    known = (
        "dataset",
        "preparation",
        "model",
        "created_by",
        "copied_from",
        "search",
        "learning_curve",
        "use",
        "report",
    )
    # Of the last two the page says only that they are there.
    rows = project.runs.select_related(*known).defer("use__columns", "use__latest", "report__evaluation")
    run: Run = get_object_or_404(rows, number=number)
    return run


def _context(request: HttpRequest, project_id: int, number: int) -> dict[str, Any]:
    row = _get_run(request, project_id, number)
    architecture = ARCHITECTURES.get(row.architecture)
    titles = {one.name: one.title for one in architecture.fields()} if architecture else {}
    recipe = row.preparation.recipe
    return {
        "project": row.project,
        "run": row,
        "model": getattr(row, "model", None),
        "architecture": architecture_title(row.architecture),
        "known_architecture": architecture,
        "changed": {titles.get(name, name): value for name, value in row.hyperparameters.items()},
        "recipe": [describe(step) for step in recipe.steps],
        "slicing": describe(recipe.slicing) if architecture and architecture.needs_slices else "",
        "place": places_in_line([row]).get(row.pk),
        "may_train": may(request.user, row.project, Act.TRAIN),
        "may_delete": may(request.user, row.project, Act.DELETE_RUNS),
        "may_promote": may(request.user, row.project, Act.PROMOTE),
        "may_export": may(request.user, row.project, Act.EXPORT),
    }
