"""Pages about batches: receiving files, progress, readings as they come, their file."""

from dataclasses import dataclass
from typing import IO, Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from labeling.access import Act, get_project, may
from labeling.errors import Refused
from labeling.jobs import JobState
from labeling.paging import KeysetPage, keyset_page
from training.batch_filters import CONDITIONS, batch_filters, filtered
from training.coverage_words import unattended
from training.models import Prediction, ReadingBatch
from training.reading_cards import reading_cards
from training.reading_downloads import FORMATS, batch_file
from training.services import batches as services

READINGS_PER_PAGE = 24
BATCHES_PER_PAGE = 50


@require_GET
def batches(request: HttpRequest, project_id: int) -> HttpResponse:
    """List the batches of a project, newest first."""
    project = get_project(request.user, project_id)
    rows = project.reading_batches.exclude(state=JobState.DRAFT).select_related("created_by")
    page: KeysetPage[ReadingBatch] = keyset_page(rows, request.GET, size=BATCHES_PER_PAGE, newest_first=True)
    return render(
        request, "training/batches.html", {"project": project, "page": page, "days": settings.BATCH_DAYS}
    )


@require_POST
def batch_create(request: HttpRequest, project_id: int) -> JsonResponse:
    """Open a batch that waits for its files."""
    project = get_project(request.user, project_id, Act.READ)
    try:
        batch = services.create_batch(project=project, user=request.user)
    except Refused as refusal:
        return JsonResponse({"error": str(refusal)}, status=400)
    address = batch.get_absolute_url()
    addresses = {"url": address, "upload_url": f"{address}upload/", "start_url": f"{address}start/"}
    return JsonResponse({"id": batch.pk, **addresses}, status=201)


@require_POST
def batch_upload(request: HttpRequest, project_id: int, batch_id: int) -> JsonResponse:
    """Take some files: `files`, with `names` (which may be relative paths) in the same order.

    With `again=1`, files that an earlier, interrupted request has brought already are left out.
    """
    batch = _get_batch(request, project_id, batch_id, Act.READ)
    files, names = request.FILES.getlist("files"), request.POST.getlist("names")
    if len(files) != len(names):
        return JsonResponse({"error": "Every file needs a name: send as many names as files."}, status=400)
    known = _known_uploads(batch, names) if request.POST.get("again") else set()
    pairs = zip(names, files, strict=True)
    fresh = [_upload(name, file) for name, file in pairs if (name, file.size) not in known]
    try:
        services.add_uploads(batch=batch, files=fresh)
    except Refused as refusal:
        return JsonResponse({"error": str(refusal)}, status=400)
    return JsonResponse({"files": [{"name": name, "error": ""} for name in names]})


def _known_uploads(batch: ReadingBatch, names: list[str]) -> set[tuple[str, int]]:
    return set(batch.uploads.filter(name__in=names).values_list("name", "size"))


def _upload(name: str, file: "UploadedFile[bytes]") -> services.Upload:
    return name, cast(IO[bytes], file.file), file.size or 0


@require_POST
def batch_start(request: HttpRequest, project_id: int, batch_id: int) -> JsonResponse:
    """Hand a filled batch to a worker."""
    batch = _get_batch(request, project_id, batch_id, Act.READ)
    try:
        services.queue_batch(batch=batch, user=request.user)
    except Refused as refusal:
        return JsonResponse({"error": str(refusal)}, status=400)
    return JsonResponse({"url": batch.get_absolute_url()})


@require_POST
def batch_resume(request: HttpRequest, project_id: int, batch_id: int) -> HttpResponse:
    """Let a batch that failed go on where it stopped."""
    batch = _get_batch(request, project_id, batch_id, Act.READ)
    try:
        services.queue_batch(batch=batch, user=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(batch)


@require_POST
def batch_cancel(request: HttpRequest, project_id: int, batch_id: int) -> HttpResponse:
    """Cancel a batch; what is read already stays."""
    batch = _get_batch(request, project_id, batch_id, Act.READ)
    services.cancel_batch(batch=batch, user=request.user)
    return redirect(batch)


@require_POST
def batch_delete(request: HttpRequest, project_id: int, batch_id: int) -> HttpResponse:
    """Delete a batch with its pictures and readings."""
    batch = _get_batch(request, project_id, batch_id, Act.READ)
    messages.success(request, f"{batch} is deleted. Images that were made of it stay in the project.")
    services.delete_batch(batch=batch, user=request.user)
    return redirect("training:read", project_id)


@require_GET
def batch(request: HttpRequest, project_id: int, batch_id: int) -> HttpResponse:
    """Show how far a batch is, and what was read, some readings at a time."""
    row = _get_batch(request, project_id, batch_id)
    context = {
        **_progress(request, row),
        **_readings(request, row),
        "promise": unattended(row.model.metrics),
        "days": settings.BATCH_DAYS,
    }
    return render(request, "training/batch.html", context)


@require_GET
def batch_progress(request: HttpRequest, project_id: int, batch_id: int) -> HttpResponse:
    """Return how far a batch is, with what there is to filter."""
    row = _get_batch(request, project_id, batch_id)
    return render(request, "training/_batch_progress.html", _progress(request, row))


@require_GET
def batch_readings(request: HttpRequest, project_id: int, batch_id: int) -> HttpResponse:
    """Return the readings that came since behind those on a page."""
    row = _get_batch(request, project_id, batch_id)
    return render(request, "training/_batch_readings.html", _more_readings(request, row))


@require_GET
def batch_download(request: HttpRequest, project_id: int, batch_id: int, format: str) -> HttpResponseBase:
    """Send all readings of a batch as a file."""
    row = _get_batch(request, project_id, batch_id, Act.READ)
    if format not in FORMATS:
        raise Http404(f"Readings do not come as {format}.")
    return batch_file(row, format)


def _progress(request: HttpRequest, row: ReadingBatch) -> dict[str, Any]:
    seconds = row.seconds
    rate = row.position / seconds if seconds and row.position else None
    left = (row.total - row.position) / rate if rate and row.total else None
    return {
        "project": row.project,
        "batch": row,
        "rate": rate,
        "seconds_left": left if row.is_active else None,
        "filters": batch_filters(row),
        "show": _show(request),
        "formats": list(FORMATS),
        "delivery": getattr(row, "delivery", None),
        "may_correct": may(request.user, row.project, Act.READ),
    }


@dataclass(frozen=True)
class Tail:
    """The end of a page that fills up: where what is still to be read goes on, and for how much there is room."""

    first: int
    room: int


def _readings(request: HttpRequest, row: ReadingBatch) -> dict[str, Any]:
    """One page of a batch's readings. While the batch is read, a last page that is not full is filled up."""
    show = _show(request)
    rows = filtered(row, show).select_related("image", "project")
    page: KeysetPage[Prediction] = keyset_page(rows, request.GET, size=READINGS_PER_PAGE, key="position")
    tail = Tail(_behind(page.rows, request.GET.get("after", "")), READINGS_PER_PAGE - len(page.rows))
    return {
        **_cards(request, row, page.rows),
        "show": show,
        "page": page,
        "tail": None if page.next or not row.is_active else tail,
    }


def _more_readings(request: HttpRequest, row: ReadingBatch) -> dict[str, Any]:
    """What was read since behind the readings of a page: `from` a position on, `room` of them at most."""
    show = _show(request)
    first, room = (_number(request.GET.get(name, "")) for name in ("from", "room"))
    room = min(room, READINGS_PER_PAGE)
    rows = filtered(row, show).filter(position__gte=first).select_related("image", "project")
    found = list(rows.order_by("position")[: room + 1])
    shown = found[:room]
    behind = _behind(shown, str(first - 1))
    is_more = len(found) > room
    next_page = "?" + urlencode({"after": behind - 1} | ({"show": show} if show else {})) if is_more else ""
    has_end = next_page or not row.is_active
    return {
        **_cards(request, row, shown),
        "show": show,
        "next": next_page,
        "tail": None if has_end else Tail(behind, room - len(shown)),
    }


def _cards(request: HttpRequest, row: ReadingBatch, rows: list[Prediction]) -> dict[str, Any]:
    return {
        "project": row.project,
        "batch": row,
        "cards": reading_cards(rows),
        "may_correct": may(request.user, row.project, Act.READ),
    }


def _behind(rows: list[Prediction], before: str) -> int:
    """The position behind a page's last reading; behind `before` where it has none."""
    if rows and rows[-1].position is not None:
        return rows[-1].position + 1
    return _number(before) + 1 if before.isdecimal() else 0


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _show(request: HttpRequest) -> str:
    show = request.GET.get("show", "")
    return show if show in CONDITIONS else ""


def _get_batch(request: HttpRequest, project_id: int, batch_id: int, act: Act = Act.VIEW) -> ReadingBatch:
    project = get_project(request.user, project_id, act)
    rows = ReadingBatch.objects.select_related("project", "model__run", "created_by", "delivery")
    batch: ReadingBatch = get_object_or_404(rows, project=project, pk=batch_id)
    # `get_project` has found out what its visitor may do.
    batch.project = project
    return batch
