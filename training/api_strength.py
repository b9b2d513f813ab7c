"""API routes of strength reports."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema, Status

from labeling.access import Act, get_project
from labeling.api_paging import Page, Paging, cursor_page
from training.models import StrengthReport
from training.services.deleting_strength import ReportContents, delete_report, report_contents
from training.services.strength import MINUTES, SIZES, go_on, start_report, stop_report
from training.strength_details import strength_details

router = Router(tags=["strength"])


class StrengthIn(Schema):
    """`max_minutes` are of training for each reader; `sizes` is how many numbers of labels are tried, each half of the
    next one, up to all of them."""

    architecture: str | None = None
    max_minutes: float = MINUTES
    sizes: int = SIZES
    seed: int = 0


class StrengthOut(Schema):
    """How far a report is. `report` is null until it is done; then it holds all that the page shows: shares are 0 to 1,
    intervals 95 % as [low, high], `needs` says how many labels and seconds of processor time 50, 90 and 99 % take and
    on what `evidence` (measured, fitted or none)."""

    number: int
    state: str
    error: str
    stage: str
    percent: int
    readers: int
    readers_done: int
    seconds_left: float | None
    created_at: datetime
    finished_at: datetime | None
    report: dict[str, Any] | None

    @staticmethod
    def resolve_report(report: StrengthReport) -> dict[str, Any] | None:
        details = strength_details(report)
        return None if details is None else details.to_json()


class StrengthRow(Schema):
    number: int
    state: str
    created_at: datetime
    finished_at: datetime | None


class StrengthContentsOut(Schema):
    """`is_measured`: its findings go. `readers`: so many are trained; where they wait for the report to go on, they
    take `checkpoint_bytes` on the web server's machine."""

    is_measured: bool
    readers: int
    checkpoint_bytes: int


@router.get(
    "/projects/{project_id}/strength-reports", response=Page[StrengthRow], summary="The strength reports"
)
def list_strength_reports(request: HttpRequest, project_id: int, paging: Query[Paging]) -> Any:
    """The newest first."""
    reports = StrengthReport.objects.filter(project=get_project(request.user, project_id)).defer("measured")
    return cursor_page(reports, paging, key="number", newest_first=True)


@router.post(
    "/projects/{project_id}/strength-reports",
    response={202: StrengthOut},
    summary="Ask for a strength report",
)
def add_strength_report(request: HttpRequest, project_id: int, wish: StrengthIn) -> Status[StrengthReport]:
    """Have a worker measure how many labels and how much processor time it takes to read the project's images, and
    which characters and noise resist. For images that one owns or may test."""
    project = get_project(request.user, project_id, Act.TRAIN)
    return Status(202, start_report(project=project, user=request.user, **wish.dict()))


@router.get(
    "/projects/{project_id}/strength-reports/{report_number}",
    response=StrengthOut,
    summary="A strength report, or how far it is",
)
def show_strength_report(request: HttpRequest, project_id: int, report_number: int) -> StrengthReport:
    return _get(request, project_id, report_number, Act.VIEW)


@router.post(
    "/projects/{project_id}/strength-reports/{report_number}/stop",
    response={202: StrengthOut},
    summary="Stop a strength report",
)
def end_strength_report(request: HttpRequest, project_id: int, report_number: int) -> Status[StrengthReport]:
    report = _get(request, project_id, report_number, Act.TRAIN)
    stop_report(report=report, user=request.user)
    return Status(202, report)


@router.post(
    "/projects/{project_id}/strength-reports/{report_number}/resume",
    response={202: StrengthOut},
    summary="Go on with a strength report that ended early",
)
def resume_strength_report(
    request: HttpRequest, project_id: int, report_number: int
) -> Status[StrengthReport]:
    report = _get(request, project_id, report_number, Act.TRAIN)
    go_on(report=report, user=request.user)
    return Status(202, report)


@router.get(
    "/projects/{project_id}/strength-reports/{report_number}/contents",
    response=StrengthContentsOut,
    summary="What would be deleted with a strength report",
)
def show_contents(request: HttpRequest, project_id: int, report_number: int) -> ReportContents:
    return report_contents(_get(request, project_id, report_number, Act.DELETE_RUNS))


@router.delete(
    "/projects/{project_id}/strength-reports/{report_number}",
    response={204: None},
    summary="Delete a strength report",
)
def delete(request: HttpRequest, project_id: int, report_number: int) -> Status[None]:
    """Delete a report with what it found; one that is under way has to be stopped first."""
    report = _get(request, project_id, report_number, Act.DELETE_RUNS)
    delete_report(report=report, user=request.user)
    return Status(204, None)


def _get(request: HttpRequest, project_id: int, number: int, act: Act) -> StrengthReport:
    project = get_project(request.user, project_id, act)
    reports = StrengthReport.objects.select_related("project")
    report: StrengthReport = get_object_or_404(reports, project=project, number=number)
    return report
