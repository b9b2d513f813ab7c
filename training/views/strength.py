"""Strength reports: the list of them, and the page of one that can be printed."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from labeling.access import Act, get_project, may
from labeling.errors import Refused
from labeling.jobs import JobState
from labeling.models import Project
from training.models import StrengthReport
from training.querysets import architecture_title
from training.services.datasets import MIN_IMAGES, split_outlook
from training.services.strength import go_on, readers_of, start_report, stop_report
from training.strength_details import strength_details
from training.strength_form import StrengthForm

REPORTS_SHOWN = 50
SECONDS_WHILE_ACTIVE = 2


@require_GET
def strength_reports(request: HttpRequest, project_id: int) -> HttpResponse:
    """List a project's strength reports, and offer a new one."""
    return _list(request, get_project(request.user, project_id), StrengthForm())


@require_POST
def start_strength_report(request: HttpRequest, project_id: int) -> HttpResponse:
    """Ask a worker for a report."""
    project = get_project(request.user, project_id, Act.TRAIN)
    form = StrengthForm(request.POST)
    if form.is_valid():
        try:
            return redirect(start_report(project=project, user=request.user, **form.cleaned_data))
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return _list(request, project, form, status=422)


def _list(request: HttpRequest, project: Project, form: StrengthForm, status: int = 200) -> HttpResponse:
    rows = StrengthReport.objects.filter(project=project)[:REPORTS_SHOWN]
    context = {
        "project": project,
        "rows": [(row, architecture_title(row.architecture), strength_details(row)) for row in rows],
        "form": form,
        "outlook": split_outlook(project),
        "min_images": MIN_IMAGES,
        "noises": readers_of(0),
        "may_train": may(request.user, project, Act.TRAIN),
    }
    return render(request, "training/strength_reports.html", context, status=status)


@require_GET
def strength_report(request: HttpRequest, project_id: int, report_number: int) -> HttpResponse:
    """Show a report, or how far it is."""
    return render(request, "training/strength_report.html", _context(request, project_id, report_number))


@require_GET
def strength_progress(request: HttpRequest, project_id: int, report_number: int) -> HttpResponse:
    """Draw how far a report is; once it has ended, have the page load anew."""
    context = _context(request, project_id, report_number)
    response = render(request, "training/_strength_progress.html", context)
    if not context["report"].is_active:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def stop_strength_report(request: HttpRequest, project_id: int, report_number: int) -> HttpResponse:
    """Stop a report; what is trained already is kept for going on."""
    report = _get(request, project_id, report_number, Act.TRAIN)
    stop_report(report=report, user=request.user)
    return redirect(report)


@require_POST
def resume_strength_report(request: HttpRequest, project_id: int, report_number: int) -> HttpResponse:
    """Go on with a report that ended early."""
    report = _get(request, project_id, report_number, Act.TRAIN)
    try:
        go_on(report=report, user=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(report)


@require_GET
def strength_file(request: HttpRequest, project_id: int, report_number: int, extension: str) -> HttpResponse:
    """Send a finished report as `json` or as `md`."""
    report = _get(request, project_id, report_number)
    details = strength_details(report)
    if details is None or extension not in ("json", "md"):
        raise Http404("There is no such file: a report is a json or md file once it is done.")
    if extension == "json":
        text = json.dumps(details.to_json(), indent=2, ensure_ascii=False)
        response = HttpResponse(text, content_type="application/json")
    else:
        response = HttpResponse(details.to_markdown(), content_type="text/markdown; charset=utf-8")
    name = f"strength-report-{report.number}.{extension}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _get(request: HttpRequest, project_id: int, report_number: int, act: Act = Act.VIEW) -> StrengthReport:
    project = get_project(request.user, project_id, act)
    rows = StrengthReport.objects.filter(project=project).select_related("created_by")
    report: StrengthReport = get_object_or_404(rows, number=report_number)
    # `get_project` has found out what its visitor may do.
    report.project = project
    return report


def _context(request: HttpRequest, project_id: int, report_number: int) -> dict[str, Any]:
    report = _get(request, project_id, report_number)
    return {
        "project": report.project,
        "report": report,
        "details": strength_details(report),
        "architecture": architecture_title(report.architecture),
        "may_train": may(request.user, report.project, Act.TRAIN),
        "may_delete": may(request.user, report.project, Act.DELETE_RUNS) and not report.is_active,
        "may_go_on": report.state in (JobState.STOPPED, JobState.FAILED),
        "every": SECONDS_WHILE_ACTIVE,
    }
