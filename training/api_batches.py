"""API routes of batches: many images read by workers, and the webhook that says when they are."""

from collections.abc import Sequence
from datetime import datetime
from typing import IO, Any, cast

from django.http import HttpRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from ninja import Field, File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile

from labeling.access import Act, get_project
from labeling.api_paging import Page, Paging, cursor_page, read_cursor, write_cursor
from labeling.errors import Refused
from training.batch_filters import BatchShow, filtered
from training.models import ReadingBatch, Webhook
from training.reading_downloads import batch_file, reading_json
from training.services import batches, webhooks

router = Router(tags=["batches"])


class BatchOut(Schema):
    """`total` is null while nobody has counted the images yet. `position` counts the answered ones, of which `failed`
    could not be read; `to_check` of them wait for a person's look, `checked` have had one."""

    id: int
    state: str
    error: str
    model: int = Field(alias="model_id")
    position: int
    total: int | None
    failed: int
    sure: int
    unsure: int
    other_family: int
    to_check: int
    checked: int
    seconds: float | None
    created_at: datetime
    finished_at: datetime | None


class BatchReadingOut(Schema):
    """`error` says why an image could not be read, and is empty for the others. `checked_text` is what a person said;
    null while nobody did."""

    id: int
    position: int
    name: str
    text: str
    confidence: float
    verdict: str
    strangeness: float
    checked_text: str | None
    characters: list[dict[str, Any]]
    milliseconds: float
    note: str
    error: str


class WebhookIn(Schema):
    url: str


class WebhookOut(Schema):
    url: str
    created_at: datetime


class NewWebhookOut(WebhookOut):
    """`secret` is what signatures are checked with; it is not shown again."""

    secret: str


@router.post("/projects/{project_id}/batches", response={202: BatchOut}, summary="Read many images")
def add_batch(
    request: HttpRequest, project_id: int, files: File[list[UploadedFile]], start: Form[bool] = True
) -> Status[ReadingBatch]:
    """Have workers read images and archives (zip, tar) of them with the production model of now, and keep the results.

    With `start` false the batch waits for more files, up to 500 in one call.
    """
    project = get_project(request.user, project_id, Act.READ)
    batch = batches.create_batch(project=project, user=request.user)
    try:
        batches.add_uploads(batch=batch, files=_uploads(files))
    except Refused:
        batches.delete_batch(batch=batch, user=request.user)
        raise
    if start:
        batches.queue_batch(batch=batch, user=request.user)
    return Status(202, batch)


@router.get("/projects/{project_id}/batches", response=Page[BatchOut], summary="The batches, newest first")
def list_batches(request: HttpRequest, project_id: int, paging: Query[Paging]) -> dict[str, Any]:
    project = get_project(request.user, project_id)
    return cursor_page(ReadingBatch.objects.filter(project=project), paging, newest_first=True)


@router.get("/projects/{project_id}/batches/{batch_id}", response=BatchOut, summary="How far a batch is")
def show_batch(request: HttpRequest, project_id: int, batch_id: int) -> ReadingBatch:
    return _batch(request, project_id, batch_id)


@router.post(
    "/projects/{project_id}/batches/{batch_id}/files",
    response={202: BatchOut},
    summary="Add files to a batch that has not started",
)
def add_files(
    request: HttpRequest, project_id: int, batch_id: int, files: File[list[UploadedFile]]
) -> Status[ReadingBatch]:
    batch = _batch(request, project_id, batch_id, Act.READ)
    batches.add_uploads(batch=batch, files=_uploads(files))
    return Status(202, batch)


@router.post(
    "/projects/{project_id}/batches/{batch_id}/start",
    response={202: BatchOut},
    summary="Start a batch, or let a failed one go on",
)
def start_batch(request: HttpRequest, project_id: int, batch_id: int) -> Status[ReadingBatch]:
    batch = _batch(request, project_id, batch_id, Act.READ)
    batches.queue_batch(batch=batch, user=request.user)
    return Status(202, batch)


@router.post(
    "/projects/{project_id}/batches/{batch_id}/cancel", response={202: BatchOut}, summary="Cancel a batch"
)
def cancel_batch(request: HttpRequest, project_id: int, batch_id: int) -> Status[ReadingBatch]:
    """What is read already stays."""
    batch = _batch(request, project_id, batch_id, Act.READ)
    batches.cancel_batch(batch=batch, user=request.user)
    return Status(202, batch)


@router.delete(
    "/projects/{project_id}/batches/{batch_id}",
    response={204: None},
    summary="Delete a batch with its pictures and readings",
)
def delete_batch(request: HttpRequest, project_id: int, batch_id: int) -> Status[None]:
    """Images of the project that corrections made of it stay."""
    batches.delete_batch(batch=_batch(request, project_id, batch_id, Act.READ), user=request.user)
    return Status(204, None)


@router.get(
    "/projects/{project_id}/batches/{batch_id}/results",
    response=Page[BatchReadingOut],
    summary="What was read, in the order of the files",
)
def list_results(
    request: HttpRequest,
    project_id: int,
    batch_id: int,
    paging: Query[Paging],
    show: BatchShow | None = None,
) -> dict[str, Any]:
    """While the batch is read there is always a `next`, to be asked again for what was read since.

    To confirm or correct a reading, send its `id` to `corrections` as `prediction`."""
    batch = _batch(request, project_id, batch_id)
    # A cursor stands for the position behind it, so that one is known before that is read.
    first = read_cursor(paging.cursor) if paging.cursor else 0
    rows = filtered(batch, show or "").filter(position__gte=first).select_related("image")
    found = list(rows.order_by("position")[: paging.limit + 1])
    items = found[: paging.limit]
    behind = (items[-1].position or 0) + 1 if items else first
    goes_on = len(found) > len(items) or batch.is_active
    return {"items": [reading_json(row) for row in items], "next": write_cursor(behind) if goes_on else None}


@router.get(
    "/projects/{project_id}/batches/{batch_id}/download/{format}", summary="All readings of a batch as a file"
)
def download_results(
    request: HttpRequest, project_id: int, batch_id: int, format: str
) -> StreamingHttpResponse:
    """`format`: csv (one line per image), or jsonl (with every character and its alternatives)."""
    return batch_file(_batch(request, project_id, batch_id, Act.READ), format)


@router.get(
    "/projects/{project_id}/webhook", response=WebhookOut, summary="Where ended batches are announced"
)
def show_webhook(request: HttpRequest, project_id: int) -> Webhook:
    return get_object_or_404(Webhook, project=get_project(request.user, project_id, Act.CHANGE_SETTINGS))


@router.put("/projects/{project_id}/webhook", response=NewWebhookOut, summary="Have ended batches announced")
def set_webhook(request: HttpRequest, project_id: int, wish: WebhookIn) -> dict[str, Any]:
    """Only at hosts that the administrator allows. Signatures are those of standardwebhooks.com."""
    project = get_project(request.user, project_id, Act.CHANGE_SETTINGS)
    webhook, secret = webhooks.set_webhook(project=project, user=request.user, url=wish.url)
    return {"url": webhook.url, "created_at": webhook.created_at, "secret": secret}


@router.delete("/projects/{project_id}/webhook", response={204: None}, summary="Announce nothing any more")
def remove_webhook(request: HttpRequest, project_id: int) -> Status[None]:
    project = get_project(request.user, project_id, Act.CHANGE_SETTINGS)
    webhooks.remove_webhook(project=project, user=request.user)
    return Status(204, None)


def _batch(request: HttpRequest, project_id: int, batch_id: int, act: Act = Act.VIEW) -> ReadingBatch:
    project = get_project(request.user, project_id, act)
    rows = ReadingBatch.objects.select_related("project")
    batch: ReadingBatch = get_object_or_404(rows, project=project, pk=batch_id)
    return batch


def _uploads(files: Sequence[UploadedFile]) -> list[batches.Upload]:
    return [(file.name or "unnamed", cast(IO[bytes], file.file), file.size or 0) for file in files]
