"""The live stream of a run."""

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from labeling.access import get_project
from training.models import Run
from training.run_feed import run_events as events


@require_GET
async def run_events(request: HttpRequest, project_id: int, number: int) -> StreamingHttpResponse:
    """Stream server-sent events from behind the epoch that the browser has: `Last-Event-ID`, or at first `after`."""
    after = request.GET.get("after", "")
    return await sync_to_async(event_stream)(request, project_id, number, after)


def event_stream(request: HttpRequest, project_id: int, number: int, after: str) -> StreamingHttpResponse:
    """Return the stream of a run, from behind the epoch whose row's id the header or `after` says."""
    run = _run(request, project_id, number)
    last = request.headers.get("Last-Event-ID") or after
    response = StreamingHttpResponse(events(run.pk, _row_id(last)), content_type="text/event-stream")
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"
    return response


def _row_id(text: str) -> int:
    """The id that an event carried; 0, so everything, for what none ever did."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _run(request: HttpRequest, project_id: int, number: int) -> Run:
    project = get_project(request.user, project_id)
    run = get_object_or_404(Run, project=project, number=number)
    # The stream reads over a connection that all viewers share: this one would idle as long as somebody watches.
    if not connection.in_atomic_block:
        connection.close()
    return run
