"""Deleting a run, a search with its trials, or a strength report, after a look at what goes with it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from labeling.access import Act, get_project
from labeling.errors import Refused
from labeling.models import Project
from training.models import Search, StrengthReport
from training.services import deleting_runs, deleting_searches, deleting_strength


@require_http_methods(["GET", "POST"])
def delete_run(request: HttpRequest, project_id: int, number: int) -> HttpResponse:
    """Say what goes with a run, and once that is confirmed delete it.

    Where its model is in production, `name` has to be the run's, typed.
    """
    project = get_project(request.user, project_id, Act.DELETE_RUNS)
    run = get_object_or_404(project.runs.select_related("dataset", "project"), number=number)
    if request.method == "POST":
        return _delete(
            request,
            lambda: deleting_runs.delete_run(
                run=run, user=request.user, even_production=_is_typed(request, run)
            ),
            gone=f"{run} and all that came of it is deleted.",
            back=redirect("training:runs", project.pk),
        )
    return _preview(request, project, run, deleting_runs.run_contents(run), is_busy=run.is_active)


@require_http_methods(["GET", "POST"])
def delete_search(request: HttpRequest, project_id: int, search_number: int) -> HttpResponse:
    """Say what goes with a search, and once that is confirmed delete it.

    Where the model of a trial is in production, `name` has to be the search's, typed.
    """
    project = get_project(request.user, project_id, Act.DELETE_RUNS)
    search = get_object_or_404(
        Search.objects.select_related("dataset"), project=project, number=search_number
    )
    if request.method == "POST":
        return _delete(
            request,
            lambda: deleting_searches.delete_search(
                search=search, user=request.user, even_production=_is_typed(request, search)
            ),
            gone=f"{search} and all that came of its trials is deleted.",
            back=redirect("training:searches", project.pk),
        )
    contents = deleting_searches.search_contents(search)
    return _preview(request, project, search, contents, is_busy=search.is_active or contents.under_way > 0)


@require_http_methods(["GET", "POST"])
def delete_strength_report(request: HttpRequest, project_id: int, report_number: int) -> HttpResponse:
    """Say what goes with a strength report, and once that is confirmed delete it."""
    project = get_project(request.user, project_id, Act.DELETE_RUNS)
    report = get_object_or_404(StrengthReport, project=project, number=report_number)
    if request.method == "POST":
        return _delete(
            request,
            lambda: deleting_strength.delete_report(report=report, user=request.user),
            gone=f"{report} is deleted.",
            back=redirect("training:strength_reports", project.pk),
        )
    contents = deleting_strength.report_contents(report)
    return _preview(request, project, report, contents, is_busy=report.is_active)


def _is_typed(request: HttpRequest, row: Any) -> bool:
    return request.POST.get("name", "").strip() == str(row)


def _delete(
    request: HttpRequest, delete: Callable[[], None], *, gone: str, back: HttpResponse
) -> HttpResponse:
    """Delete, and go `back` to the list; where that is refused, stay on the page that asks."""
    try:
        delete()
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(request.path)
    messages.success(request, gone)
    return back


def _preview(
    request: HttpRequest, project: Project, row: Any, contents: Any, *, is_busy: bool
) -> HttpResponse:
    """Say what goes with a row; while it is busy it cannot be deleted."""
    context = {"project": project, "row": row, "contents": contents, "is_busy": is_busy}
    return render(request, f"training/delete_{row._meta.model_name}.html", context)
