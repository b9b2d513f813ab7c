"""Pages about imports: choosing files, receiving them in batches, progress, and the outcome per file."""

import json
from typing import Any

from django.core.files.base import File
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from labeling.access import Act, get_project
from labeling.errors import Refused
from labeling.formats.label_book import LabelBook
from labeling.imaging.labels import InvalidText
from labeling.jobs import JobState
from labeling.models import Import, ImportFile, LabelSource, Outcome, Project
from labeling.paging import keyset_page
from labeling.services.imports import add_upload, create_import, queue_import, stop_import
from labeling.services.members import label_of

IMPORTS_SHOWN = 20
FILES_PER_PAGE = 100
NAMES_CHECKED = 2000


@require_GET
def new_import(request: HttpRequest, project_id: int) -> HttpResponse:
    """Choose where labels come from and what to import; list what was imported before."""
    project = get_project(request.user, project_id, Act.IMPORT)
    imports = project.imports.exclude(state=JobState.DRAFT).select_related("created_by")[:IMPORTS_SHOWN]
    context = {"project": project, "imports": imports, "sources": LabelSource}
    return render(request, "labeling/new_import.html", context)


@require_POST
def import_check(request: HttpRequest, project_id: int) -> JsonResponse:
    """Tell which texts an import would find in some file names, before anything is uploaded."""
    project = get_project(request.user, project_id, Act.IMPORT)
    try:
        wish = json.loads(request.body)
        source, names = (
            LabelSource(wish["label_source"]),
            [str(name) for name in wish["names"][:NAMES_CHECKED]],
        )
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"error": "Send JSON with label_source and names."}, status=400)
    if source == LabelSource.TABLE:
        return JsonResponse({"error": "Texts from a table are checked while importing."}, status=400)
    return JsonResponse({"files": [_outlook(project, source, name) for name in names]})


def _outlook(project: Project, source: str, name: str) -> dict[str, str]:
    try:
        return {"name": name, "text": label_of(project, source, name, LabelBook()), "problem": ""}
    except InvalidText as error:
        return {"name": name, "text": "", "problem": str(error)}


@require_POST
def import_create(request: HttpRequest, project_id: int) -> JsonResponse:
    """Open an import that waits for its files."""
    project = get_project(request.user, project_id, Act.IMPORT)
    try:
        batch = create_import(
            project=project,
            user=request.user,
            label_source=request.POST.get("label_source", LabelSource.NONE),
            keep_splits=request.POST.get("keep_splits", "1") == "1",
        )
    except Refused as refusal:
        return JsonResponse({"error": str(refusal)}, status=400)
    address = batch.get_absolute_url()
    return JsonResponse(
        {"id": batch.pk, "url": address, "upload_url": f"{address}upload/", "start_url": f"{address}start/"},
        status=201,
    )


@require_POST
def import_upload(request: HttpRequest, project_id: int, import_id: int) -> JsonResponse:
    """Take some files: `files`, with `names` (which may be relative paths) in the same order.

    With `again=1`, files that an earlier, interrupted request has brought already are left out.
    """
    batch = _get_import(request, project_id, import_id, Act.IMPORT)
    files, names = request.FILES.getlist("files"), request.POST.getlist("names")
    if len(files) != len(names):
        # Browsers leave out nothing; a proxy or a script may.
        return JsonResponse({"error": "Every file needs a name: send as many names as files."}, status=400)
    known = _known_uploads(batch, names) if request.POST.get("again") else set()
    pairs = zip(names, files, strict=True)
    return JsonResponse(
        {"files": [_take(batch, name, file) for name, file in pairs if (name, file.size) not in known]}
    )


def _known_uploads(batch: Import, names: list[str]) -> set[tuple[str, int]]:
    return set(batch.uploads.filter(name__in=names).values_list("name", "size"))


def _take(batch: Import, name: str, file: "File[bytes]") -> dict[str, str]:
    try:
        add_upload(import_batch=batch, name=name, file=file)
    except Refused as refusal:
        return {"name": name, "error": str(refusal)}
    return {"name": name, "error": ""}


@require_POST
def import_start(request: HttpRequest, project_id: int, import_id: int) -> JsonResponse:
    """Hand a filled import to a worker."""
    batch = _get_import(request, project_id, import_id, Act.IMPORT)
    try:
        queue_import(import_batch=batch)
    except Refused as refusal:
        return JsonResponse({"error": str(refusal)}, status=400)
    return JsonResponse({"url": batch.get_absolute_url()})


@require_POST
def import_stop(request: HttpRequest, project_id: int, import_id: int) -> HttpResponse:
    """Stop an import; what is in already stays."""
    batch = _get_import(request, project_id, import_id, Act.IMPORT)
    stop_import(import_batch=batch, user=request.user)
    return redirect(batch)


@require_GET
def import_(request: HttpRequest, project_id: int, import_id: int) -> HttpResponse:
    """Show an import's progress and what became of each file."""
    batch = _get_import(request, project_id, import_id)
    outcome = request.GET.get("outcome", "")
    files = ImportFile.objects.filter(import_batch=batch).select_related("image")
    if outcome in Outcome.values:
        files = files.filter(outcome=outcome)
    context = {
        **_progress(batch),
        "page": keyset_page(files, request.GET, size=FILES_PER_PAGE, key="position"),
        "outcome": outcome,
    }
    return render(request, "labeling/import.html", context)


@require_GET
def import_progress(request: HttpRequest, project_id: int, import_id: int) -> HttpResponse:
    """Return the progress fragment; the whole page is loaded once the import has ended."""
    batch = _get_import(request, project_id, import_id)
    response = render(request, "labeling/_import_progress.html", _progress(batch))
    if not batch.is_active:
        response["HX-Refresh"] = "true"
    return response


def _progress(batch: Import) -> dict[str, Any]:
    seconds = batch.seconds
    rate = batch.position / seconds if seconds and batch.position else None
    left = (batch.total - batch.position) / rate if rate and batch.total else None
    return {
        "project": batch.project,
        "import": batch,
        "rate": rate,
        "seconds_left": left if batch.is_active else None,
        "outcomes": [
            (Outcome.ADDED, batch.added),
            (Outcome.WITHOUT_LABEL, batch.without_label),
            (Outcome.LABELLED, batch.labelled),
            (Outcome.DUPLICATE, batch.duplicates),
            (Outcome.REJECTED, batch.rejected),
        ],
    }


def _get_import(request: HttpRequest, project_id: int, import_id: int, act: Act = Act.VIEW) -> Import:
    project = get_project(request.user, project_id, act)
    batch: Import = get_object_or_404(project.imports, pk=import_id)
    return batch
