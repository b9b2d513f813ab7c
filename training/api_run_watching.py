"""API routes with which a run is watched: its epochs, and the live stream of what it comes to."""

from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from labeling.access import get_project
from labeling.api_paging import Page, Paging, cursor_page
from training.models import Run
from training.views.events import event_stream

router = Router(tags=["runs"])

EVENTS: dict[str, Any] = {
    "responses": {
        200: {
            "description": "Server-sent events",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    }
}


class EpochOut(Schema):
    """Accuracies are shares 0 to 1, losses nats per character."""

    number: int
    loss: float
    character_accuracy: float
    whole_string_accuracy: float
    validation_loss: float
    validation_character_accuracy: float
    validation_whole_string_accuracy: float
    learning_rate: float
    seconds: float


@router.get(
    "/projects/{project_id}/runs/{number}/epochs",
    response=Page[EpochOut],
    summary="A run's history by epochs",
)
def list_epochs(request: HttpRequest, project_id: int, number: int, paging: Query[Paging]) -> dict[str, Any]:
    run = get_object_or_404(Run, project=get_project(request.user, project_id), number=number)
    return cursor_page(run.history.all(), paging, key="number")


@router.get(
    "/projects/{project_id}/runs/{number}/events", summary="Watch a run as it goes", openapi_extra=EVENTS
)
def watch(request: HttpRequest, project_id: int, number: int, after: int = 0) -> StreamingHttpResponse:
    """A stream of server-sent events until the run is over: `state` (where it is), `epoch` (one that is finished, with
    an id), `use` (of the worker), `readings` (there are new ones), `without_labels` (a training
    without labels has come further), and `done` at the end. Whoever comes back sends the
    header Last-Event-ID, or `after`, and gets what came behind it."""
    return event_stream(request, project_id, number, str(after))
