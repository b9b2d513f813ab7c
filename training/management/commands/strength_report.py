from typing import Any

from django.core.management.base import CommandError, CommandParser

from labeling.access import Act
from labeling.jobs import JobState
from labeling.management.console import WorkbenchCommand
from training.management.studies import TrainingLine
from training.models import StrengthReport
from training.recognition.architectures import ARCHITECTURES
from training.recognition.fit import BatchProgress, EpochMetrics
from training.services.strength import MINUTES, SIZES, start_report
from training.strength_details import strength_details


class Command(WorkbenchCommand):
    help = (
        "Measure how many labels and how much processor time it takes to read a project's own images by machine, and "
        "which characters and noise resist. It trains in this process; the report is on the project's pages, too."
    )
    act = Act.TRAIN

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_project_argument(parser)
        parser.add_argument(
            "--architecture",
            choices=sorted(ARCHITECTURES),
            help="default: slots for texts of one length, ctc for a range",
        )
        parser.add_argument(
            "--max-minutes",
            type=float,
            default=MINUTES,
            metavar="M",
            help=f"most minutes of training per reader (default: {MINUTES:g})",
        )
        parser.add_argument(
            "--sizes",
            type=int,
            default=SIZES,
            metavar="N",
            help=f"numbers of labels, each half of the next one (default: {SIZES})",
        )
        parser.add_argument("--seed", type=int, default=0, metavar="S")
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        report = start_report(
            project=self.find_project(options["project"]),
            user=self.user,
            architecture=options["architecture"],
            max_minutes=options["max_minutes"],
            sizes=options["sizes"],
            seed=options["seed"],
            here=True,
        )
        # Only now, so that what cannot work is refused without waiting for the framework that trains.
        from training.services.strength_work import measure

        measure(report.pk, listener=_Terminal(self))
        self.end_progress()
        report = StrengthReport.objects.select_related("project").get(pk=report.pk)
        details = strength_details(report)
        if report.state != JobState.DONE or details is None:
            raise CommandError(report.error or f"{report} was stopped before its end.")
        if options["json"]:
            self.print_json(details.to_json())
        else:
            self.stdout.write(details.to_markdown())


class _Terminal:
    """Shows each of the trainings on the progress line."""

    def __init__(self, command: WorkbenchCommand) -> None:
        self._command = command
        self._line = TrainingLine(command, "")

    def on_stage(self, stage: str) -> None:
        self._line = TrainingLine(self._command, stage)

    def on_batch(self, progress: BatchProgress) -> None:
        self._line.on_batch(progress)

    def on_epoch(self, metrics: EpochMetrics) -> None:
        self._line.on_epoch(metrics)

    def should_stop(self) -> bool:
        return False
