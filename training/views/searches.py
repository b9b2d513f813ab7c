"""The searches of a project, and the page of one: its trials, the best of them, and what mattered."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from labeling.access import Act, get_project, may
from labeling.errors import Refused
from labeling.jobs import ACTIVE_STATES
from labeling.models import Project
from training.models import Search
from training.querysets import architecture_title
from training.search_details import SearchDetails, search_details
from training.search_form import SearchForm, TrainBestForm
from training.services.datasets import MIN_IMAGES, split_outlook
from training.services.searches import create_search
from training.services.searches import stop_search as stop
from training.services.searches import train_best as train

SEARCHES_SHOWN = 50
# How often a page asks again.
SECONDS_WHILE_ACTIVE = 3


@require_GET
def searches(request: HttpRequest, project_id: int) -> HttpResponse:
    """List the searches of a project, and offer a new one."""
    project = get_project(request.user, project_id)
    return _searches_page(request, project, SearchForm(project))


@require_POST
def new_search(request: HttpRequest, project_id: int) -> HttpResponse:
    """Start a search."""
    project = get_project(request.user, project_id, Act.TRAIN)
    form = SearchForm(project, request.POST)
    if form.is_valid():
        try:
            row = create_search(project=project, user=request.user, **form.wish())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(row)
    return _searches_page(request, project, form, status=422)


def _searches_page(
    request: HttpRequest, project: Project, form: SearchForm, status: int = 200
) -> HttpResponse:
    ended = Count("trials", filter=~Q(trials__state__in=ACTIVE_STATES))
    rows = Search.objects.filter(project=project).annotate(ended=ended, best=Max("trials__trial_value"))
    context = {
        "project": project,
        "rows": [
            (row, architecture_title(row.architecture)) for row in rows.order_by("-number")[:SEARCHES_SHOWN]
        ],
        "form": form,
        "architectures": form.architectures,
        "outlook": split_outlook(project),
        "min_images": MIN_IMAGES,
        "may_train": may(request.user, project, Act.TRAIN),
    }
    return render(request, "training/searches.html", context, status=status)


@require_GET
def search(request: HttpRequest, project_id: int, search_number: int) -> HttpResponse:
    """Show a search."""
    return render(request, "training/search.html", _context(request, project_id, search_number))


@require_GET
def search_progress(request: HttpRequest, project_id: int, search_number: int) -> HttpResponse:
    """Draw what changes while a search goes on; nothing where the page has it, so that it keeps its focus."""
    context = _context(request, project_id, search_number)
    details: SearchDetails = context["details"]
    if details.search.is_active and request.GET.get("version") == details.version:
        return HttpResponse(status=204)
    return render(request, "training/_search.html", context)


@require_POST
def stop_search(request: HttpRequest, project_id: int, search_number: int) -> HttpResponse:
    """End a search; trials under way stop."""
    row = _get_search(request, project_id, search_number, Act.TRAIN)
    stop(search=row, user=request.user)
    return redirect(row)


@require_POST
def train_best(request: HttpRequest, project_id: int, search_number: int) -> HttpResponse:
    """Start a run of full length with the best trial's hyper-parameters."""
    row = _get_search(request, project_id, search_number, Act.TRAIN)
    form = TrainBestForm(request.POST)
    if not form.is_valid():
        messages.error(
            request, f"No run was started. Minutes: {' '.join(map(str, form.errors['max_minutes']))}"
        )
        return redirect(row)
    try:
        return redirect(train(search=row, user=request.user, max_minutes=form.cleaned_data["max_minutes"]))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(row)


def _get_search(request: HttpRequest, project_id: int, number: int, act: Act = Act.VIEW) -> Search:
    project = get_project(request.user, project_id, act)
    rows = Search.objects.filter(project=project).select_related("dataset", "created_by", "preparation")
    row: Search = get_object_or_404(rows, number=number)
    # `get_project` has found out what its visitor may do.
    row.project = project
    return row


def _context(request: HttpRequest, project_id: int, number: int) -> dict[str, Any]:
    row = _get_search(request, project_id, number)
    return {
        "project": row.project,
        "search": row,
        "details": search_details(row),
        "best_form": TrainBestForm(),
        "may_train": may(request.user, row.project, Act.TRAIN),
        "may_delete": may(request.user, row.project, Act.DELETE_RUNS),
        "every": SECONDS_WHILE_ACTIVE,
    }
