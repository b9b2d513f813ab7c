"""Pages about exports: asking for one, its progress, and its file."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from labeling.access import Act, get_project
from labeling.errors import Refused
from labeling.jobs import JobState
from labeling.models import Export, Project
from labeling.paging import KeysetPage, keyset_page
from labeling.services.export_formats import FORMATS, ExportFormat, ExportOptions, format_named
from labeling.services.exports import create_export, delete_export, file_name, restart_export, stop_export

EXPORTS_PER_PAGE = 20
USUAL = "table"


@dataclass(frozen=True)
class FormatChoice:
    """A format as the page offers it."""

    format: ExportFormat
    form: ExportOptions
    is_chosen: bool


@require_http_methods(["GET", "POST"])
def exports(request: HttpRequest, project_id: int) -> HttpResponse:
    """Choose a format and options, have the export written; list what was exported before."""
    project = get_project(request.user, project_id, Act.EXPORT)
    chosen = request.POST.get("format", USUAL)
    choices = _choices(project, request, chosen)
    refusal = ""
    if request.method == "POST":
        form = next((choice.form for choice in choices if choice.is_chosen), None)
        try:
            if form is None or form.is_valid():
                options = form.cleaned_data if form else {}
                return redirect(
                    create_export(project=project, user=request.user, format=chosen, options=options)
                )
            refusal = "Some options do not work: see below."
        except Refused as error:
            refusal = str(error)
    rows = Export.objects.filter(project=project).select_related("created_by")
    page: KeysetPage[Export] = keyset_page(rows, request.GET, size=EXPORTS_PER_PAGE, newest_first=True)
    context = {
        "project": project,
        "choices": choices,
        "page": page,
        "lines": [(row, _title(row)) for row in page.rows],
        "refusal": refusal,
    }
    return render(request, "labeling/exports.html", context, status=422 if refusal else 200)


def _choices(project: Project, request: HttpRequest, chosen: str) -> list[FormatChoice]:
    formats = sorted(FORMATS.values(), key=lambda format: format.title)
    return [
        FormatChoice(
            format,
            format.options(
                project,
                request.POST if request.method == "POST" and format.name == chosen else None,
                prefix=format.name,
            ),
            format.name == chosen,
        )
        for format in formats
    ]


@require_GET
def export(request: HttpRequest, project_id: int, export_id: int) -> HttpResponse:
    """Show how far an export is, and its file once it is whole."""
    return render(request, "labeling/export.html", _progress(_get_export(request, project_id, export_id)))


@require_GET
def export_progress(request: HttpRequest, project_id: int, export_id: int) -> HttpResponse:
    """Return the progress fragment; the whole page is loaded once the export has ended."""
    row = _get_export(request, project_id, export_id)
    response = render(request, "labeling/_export_progress.html", _progress(row))
    if not row.is_active:
        response["HX-Refresh"] = "true"
    return response


@require_GET
def export_file(request: HttpRequest, project_id: int, export_id: int) -> FileResponse:
    """Send a whole export. There is no address of half a file."""
    row = _get_export(request, project_id, export_id)
    if row.state != JobState.DONE or not row.file:
        raise Http404(f"{row} is not whole yet.")
    try:
        return FileResponse(row.file.open("rb"), as_attachment=True, filename=file_name(row))
    except FileNotFoundError:
        raise Http404(f"The file of {row} is missing from the storage. Export again.") from None


@require_POST
def export_stop(request: HttpRequest, project_id: int, export_id: int) -> HttpResponse:
    """Stop an export; what is written so far is thrown away."""
    row = _get_export(request, project_id, export_id)
    stop_export(export=row, user=request.user)
    return redirect(row)


@require_POST
def export_restart(request: HttpRequest, project_id: int, export_id: int) -> HttpResponse:
    """Write an export that was stopped or failed once more."""
    row = _get_export(request, project_id, export_id)
    try:
        restart_export(export=row, user=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(row)


@require_POST
def export_delete(request: HttpRequest, project_id: int, export_id: int) -> HttpResponse:
    """Delete an export with its file."""
    delete_export(export=_get_export(request, project_id, export_id), user=request.user)
    return redirect("labeling:exports", project_id)


def _progress(row: Export) -> dict[str, Any]:
    seconds = row.seconds
    rate = row.done / seconds if seconds and row.done else None
    return {
        "project": row.project,
        "export": row,
        "title": _title(row),
        "file_name": file_name(row) if row.file else "",
        "file_size": _size(row),
        "rate": rate,
        "seconds_left": (row.total - row.done) / rate if rate and row.is_active else None,
    }


def _title(row: Export) -> str:
    return format_named(row.format).title


def _size(row: Export) -> int | None:
    """Return how many bytes a whole export has; None while it is not whole, or if its file is gone."""
    try:
        return row.file.size if row.state == JobState.DONE else None
    except OSError:
        return None


def _get_export(request: HttpRequest, project_id: int, export_id: int) -> Export:
    project = get_project(request.user, project_id, Act.EXPORT)
    row: Export = get_object_or_404(project.exports, pk=export_id)
    return row
