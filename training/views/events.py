"""The live stream of a run."""

from asgiref.sync import sync_to_async
from django.http import HttpRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from labeling.access import get_project
from training.live import run_events as events
from training.models import Run


@require_GET
async def run_events(request: HttpRequest, project_id: int, number: int) -> StreamingHttpResponse:
    """Stream server-sent events; `Last-Event-ID` is the last epoch that the browser has."""
    run = await sync_to_async(_run)(request, project_id, number)
    last = request.headers.get("Last-Event-ID", "")
    response = StreamingHttpResponse(
        events(run.pk, int(last) if last.isdecimal() else 0), content_type="text/event-stream"
    )
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"
    return response


def _run(request: HttpRequest, project_id: int, number: int) -> Run:
    project = get_project(request.user, project_id)
    return get_object_or_404(Run, project=project, number=number)
