"""API route of how reading goes over time."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from labeling.access import get_project
from training.services.models import production_model
from training.tracking import Day, tracking

router = Router(tags=["reading"])


class ReadingDayOut(Schema):
    """What all of a project's models read on one day; checks count for the day of the reading."""

    day: date
    count: int
    mean_confidence: float = Field(description="0 to 1; 0 where nothing was read")
    unsure: int
    other_family: int
    checked: int
    corrected: int


class TrackingOut(Schema):
    """The last 30 days, the oldest first, none where nothing was read; whether to train again, and why."""

    days: list[ReadingDayOut] = []
    retrain: bool = False
    headline: str = ""
    reasons: list[str] = []


@router.get(
    "/projects/{project_id}/tracking",
    response=TrackingOut,
    summary="How sure readings were day by day, and whether to train again",
)
def show_tracking(request: HttpRequest, project_id: int) -> dict[str, Any]:
    project = get_project(request.user, project_id)
    found = tracking(project, production_model(project))
    return {**vars(found.advice), "days": [_day(day) for day in found.days]} if found else {}


def _day(day: Day) -> dict[str, Any]:
    return {"day": day.day, "mean_confidence": day.tally.mean_confidence, **vars(day.tally)}
