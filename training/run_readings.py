"""What the page of a run shows of the validation images: the worst readings, and which characters are confused."""

from collections import Counter
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from labeling.intervals import Share
from training.model_details import Position, ReliabilityBar, position_shares, reliability_bars
from training.models import Run, ValidationReading, ValidationReport
from training.recognition.confusion import NOTHING, Confusion, align
from training.services.validation_reports import WORST

# A matrix of more characters than these could not be read; those with most mistakes are shown.
CHARACTERS_SHOWN = 20
SHADES = 5
READINGS_OF_A_CELL = 200


@dataclass(frozen=True)
class Cell:
    """How often a character was read for another one; `shade` 0 to SHADES says how often beside the other mistakes."""

    written: str
    read: str
    count: int
    shade: int
    url: str


@dataclass(frozen=True)
class ConfusionTable:
    """Rows are characters written, columns characters read; NOTHING stands for missed and added ones."""

    columns: list[str]
    rows: list[tuple[str, Share, list[Cell]]]
    # Whether other characters have mistakes, too.
    is_cut: bool


@dataclass(frozen=True)
class RunReadings:
    """Everything about the report of a run that its page shows."""

    report: ValidationReport
    right: Share
    worst: list[ValidationReading]
    confusion: ConfusionTable
    positions: list[Position]
    calibration_error: float | None
    reliability: list[ReliabilityBar]


def run_readings(run: Run) -> RunReadings | None:
    """Lay out a run's newest report, if it has one: three queries."""
    report = ValidationReport.objects.filter(run=run).first()
    if report is None:
        return None
    found = report.evaluation
    calibration = found.get("calibration") or {}
    return RunReadings(
        report=report,
        right=Share(found["right"], found["n"]),
        worst=list(_readings(run)[:WORST]),
        confusion=_table(run, Confusion.from_json(found["confusion"])),
        positions=_positions(report),
        calibration_error=calibration.get("expected_calibration_error"),
        reliability=reliability_bars(calibration),
    )


def confused_readings(run: Run, written: str, read: str) -> list[ValidationReading]:
    """Return the images in which a character was read for another one, the worst first; NOTHING as in `align`."""
    rows = _readings(run).filter(truth__contains=written, text__contains=read)
    confused = (row for row in rows.iterator(chunk_size=500) if (written, read) in align(row.truth, row.text))
    return [row for row, _ in zip(confused, range(READINGS_OF_A_CELL), strict=False)]


def _positions(report: ValidationReport) -> list[Position]:
    shares = position_shares(report.evaluation)
    if report.positions is None:
        return shares
    return [replace(share, number=1 + read) for share, read in zip(shares, report.positions, strict=True)]


def _readings(run: Run) -> QuerySet[ValidationReading]:
    """The worst first."""
    return ValidationReading.objects.filter(run=run).select_related("image__project")


def _table(run: Run, confusion: Confusion) -> ConfusionTable:
    mistakes = {pair: count for pair, count in confusion.counts.items() if pair[0] != pair[1]}
    blame: Counter[str] = Counter()
    for (written, read), count in mistakes.items():
        blame[written] += count
        blame[read] += count
    shown = sorted(name for name, _ in blame.most_common(CHARACTERS_SHOWN + (NOTHING in blame)))
    # What was missed or added comes last.
    shown = [name for name in shown if name != NOTHING] + [NOTHING] * (NOTHING in shown)
    most = max(mistakes.values(), default=1)
    address = reverse("training:run_confused", args=[run.project_id, run.number])
    totals = confusion.written()

    def cell(written: str, read: str) -> Cell:
        count = confusion.counts.get((written, read), 0)
        is_mistake = written != read and count > 0
        return Cell(
            written,
            read,
            count,
            shade=-(-SHADES * count // most) if is_mistake else 0,
            url=f"{address}?{urlencode({'written': written, 'read': read})}" if is_mistake else "",
        )

    rows = [
        (
            written,
            Share(confusion.counts.get((written, written), 0), totals.get(written, 0)),
            [cell(written, read) for read in shown],
        )
        for written in shown
    ]
    return ConfusionTable(shown, rows, is_cut=len(blame) > len(shown))
