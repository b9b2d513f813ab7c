from typing import Any

from django.core.management.base import CommandParser

from labeling.access import Act
from labeling.management.console import WorkbenchCommand
from training.management.studies import TrainingLine, add_wish_arguments, wish_of
from training.recognition.learning_curve import POINTS
from training.services.studies import project_learning_curve


class Command(WorkbenchCommand):
    help = (
        "Measure how accuracy grows with the number of labels, on the project's test images. Interrupted, the same "
        "command goes on where it was."
    )
    act = Act.TRAIN

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_project_argument(parser)
        parser.add_argument(
            "--points",
            type=int,
            default=POINTS,
            metavar="N",
            help=f"how often the labels are halved, plus one (default: {POINTS}, from 1/{2 ** (POINTS - 1)} to all)",
        )
        add_wish_arguments(parser, "point")

    def handle(self, *args: Any, **options: Any) -> None:
        curve = project_learning_curve(
            project=self.find_project(options["project"]),
            wish=wish_of(options),
            points=options["points"],
            listeners=lambda labels: TrainingLine(self, f"{labels} labels"),
        )
        self.end_progress()
        if options["json"]:
            self.print_json(
                {
                    "architecture": curve.architecture,
                    "dataset": curve.dataset.hash,
                    "seed": options["seed"],
                    "points": [point.to_json() for point in curve.points],
                }
            )
            return
        for point in curve.points:
            interval = point.test.interval
            self.stdout.write(
                f"{point.labels:7,} labels: {point.test.value:6.1%} whole-string "
                f"({interval.low:.1%} to {interval.high:.1%}, n = {point.test.n}), {point.seconds:.0f} s of training"
            )
