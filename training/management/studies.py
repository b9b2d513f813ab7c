"""What the commands that train several readers share: their options, and showing how far they are."""

from typing import Any

from django.core.management.base import CommandParser

from labeling.management.console import WorkbenchCommand
from training.management.hyperparameters import add_hyperparameters_argument, chosen_hyperparameters
from training.recognition.architectures import ARCHITECTURES
from training.recognition.fit import BatchProgress, EpochMetrics
from training.services.studies import Wish


def add_wish_arguments(parser: CommandParser, each: str) -> None:
    """Add the options of how to train; `each` names what the minutes are for."""
    parser.add_argument(
        "--architecture",
        choices=sorted(ARCHITECTURES),
        help="default: slots for texts of one length, ctc for a range",
    )
    add_hyperparameters_argument(parser)
    parser.add_argument("--max-minutes", type=float, metavar="M", help=f"most minutes of training per {each}")
    parser.add_argument("--seed", type=int, default=0, metavar="S")
    parser.add_argument("--json", action="store_true", help="answer in JSON")


def wish_of(options: dict[str, Any]) -> Wish:
    """Return how the options say to train."""
    return Wish(
        architecture=options["architecture"],
        hyperparameters=chosen_hyperparameters(options),
        seed=options["seed"],
        max_minutes=options["max_minutes"],
    )


class TrainingLine:
    """Shows one training of several on the progress line; `title` says which one it is."""

    def __init__(self, command: WorkbenchCommand, title: str) -> None:
        self._command = command
        self._title = title
        self._accuracy = ""

    def on_batch(self, progress: BatchProgress) -> None:
        left = "" if progress.seconds_left is None else f", about {progress.seconds_left:.0f} s left"
        self._command.progress(f"{self._title}: epoch {progress.epoch}{self._accuracy}{left}")

    def on_epoch(self, metrics: EpochMetrics) -> None:
        self._accuracy = f", {metrics.whole_string_accuracy:.1%} of validation images right"

    def should_stop(self) -> bool:
        return False
