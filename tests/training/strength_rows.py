"""Strength reports as a worker leaves them."""

from dataclasses import replace
from typing import Any

from django.utils import timezone

from labeling.intervals import Share
from labeling.jobs import JobState
from labeling.models import Project
from training.models import StrengthReport
from training.recognition.comparison import PairedComparison
from training.recognition.confusion import Confusion
from training.recognition.curve_point import CurvePoint
from training.recognition.picture_properties import Halves
from training.services.strength import start_report
from training.strength_measured import Disturbed, StrengthMeasured

N = 200


def measured(*, rights: tuple[int, ...] = (20, 110, 184), **changes: Any) -> StrengthMeasured:
    """Readers of 100, 200, ... labels that read so many of 200 test images right, and took 30 CPU seconds per 100."""
    points = tuple(
        CurvePoint(100 * 2**place, Share(right, N), 10.0 * 2**place, 30.0 * 2**place)
        for place, right in enumerate(rights)
    )
    usual = StrengthMeasured(
        dataset={"number": 1, "hash": "ab" * 32, "train": 360, "validation": 40, "test": N},
        machine={"processor": "Some processor", "cores": 2},
        points=points,
        confusion=Confusion({("1", "1"): 100, ("7", "7"): 60, ("7", "1"): 40, ("3", "3"): 200}),
        halves=(
            Halves("contrast", 61.25, Share(82, 100), Share(99, 100), (0.05, 0.3)),
            Halves("room", 14.0, Share(91, 100), Share(93, 100), (-0.08, 0.12)),
        ),
        disturbed=(
            Disturbed("lines", PairedComparison(40, 144, 0, 16), PairedComparison(120, 64, 2, 14), 130.0),
            Disturbed("speckle", PairedComparison(90, 94, 1, 15), PairedComparison(180, 4, 3, 13), 131.0),
            Disturbed("faint", PairedComparison(183, 1, 1, 15), PairedComparison(183, 1, 2, 14), 132.0),
        ),
    )
    return replace(usual, **changes)


def add_report(
    project: Project, state: JobState = JobState.DONE, found: StrengthMeasured | None = None, **changes: Any
) -> StrengthReport:
    """A report in a state; one that is done has `found`, or what `measured` says."""
    report = start_report(project=project, user=project.created_by, here=True)
    if state == JobState.DONE:
        changes = {
            "measured": (found or measured()).to_json(),
            "readers": 7,
            "readers_done": 7,
            "finished_at": timezone.now(),
        } | changes
    StrengthReport.objects.filter(pk=report.pk).update(state=state, **changes)
    report.refresh_from_db()
    return report
