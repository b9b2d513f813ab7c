"""Deleting a strength report, after a look at what goes with it."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from labeling.errors import Refused
from labeling.models import Project
from labeling.services.audit import Action, record
from labeling.services.storage import disk_size
from training.leftovers import report_folder
from training.models import StrengthReport


@dataclass(frozen=True)
class ReportContents:
    """What goes with a report: its findings, or the readers that wait on this machine for it to go on, in bytes."""

    is_measured: bool
    readers: int
    checkpoint_bytes: int


def report_contents(report: StrengthReport) -> ReportContents:
    """Tell what would go with a report."""
    folder = report_folder(report)
    return ReportContents(
        is_measured=report.measured is not None,
        readers=report.readers_done,
        checkpoint_bytes=disk_size(folder) if folder else 0,
    )


def delete_report(*, report: StrengthReport, user: Any) -> None:
    """Delete a strength report with what it found and with what it keeps for going on.

    Images, labels and the dataset version stay.

    Raises:
        Refused: the report is under way.
    """
    with transaction.atomic():
        # Whoever has it go on takes turns here, too.
        project = Project.objects.select_for_update().get(pk=report.project_id)
        report = StrengthReport.objects.select_for_update().get(pk=report.pk)
        if report.is_active:
            raise Refused(f"{report} is {report.get_state_display().lower()}: stop it first, then delete it.")
        detail = {"number": report.number}
        record(project=project, user=user, action=Action.STRENGTH_DELETED, target=str(report), detail=detail)
        report.delete()
