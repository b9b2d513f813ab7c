from typing import Any

from django.core.management.base import CommandError, CommandParser

from labeling.access import Act
from labeling.jobs import JobState
from labeling.management.console import WorkbenchCommand, follow
from training.management.hyperparameters import add_hyperparameters_argument, chosen_hyperparameters
from training.models import Run
from training.recognition.architectures import ARCHITECTURES
from training.recognition.fit import BatchProgress, EpochMetrics
from training.services.runs import create_run


class Command(WorkbenchCommand):
    help = "Train a reader on a project's labelled images."
    act = Act.TRAIN

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_project_argument(parser)
        parser.add_argument(
            "--architecture",
            choices=sorted(ARCHITECTURES),
            help="default: slots for texts of one length, ctc for a range",
        )
        parser.add_argument(
            "--epochs",
            type=int,
            metavar="N",
            help="most epochs (default: the architecture's own)",
        )
        parser.add_argument("--max-minutes", type=float, metavar="M", help="most minutes of training")
        parser.add_argument("--seed", type=int, default=0, metavar="S")
        add_hyperparameters_argument(parser)
        where = parser.add_mutually_exclusive_group()
        where.add_argument(
            "--local",
            action="store_true",
            help="train in this process, without a worker",
        )
        where.add_argument(
            "--follow",
            action="store_true",
            help="queue the run and show it until it ends",
        )
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        project = self.find_project(options["project"])
        run = create_run(
            project=project,
            user=self.user,
            architecture=options["architecture"],
            hyperparameters=chosen_hyperparameters(options),
            seed=options["seed"],
            max_epochs=options["epochs"],
            max_minutes=options["max_minutes"],
            here=options["local"],
        )
        if options["local"]:
            # Only now, so that queueing a run does not wait for TensorFlow.
            from training.services.training_work import run_training

            terminal = _Terminal(self)
            run_training(run.pk, listener=terminal)
            shown = _Shown(self, epochs=terminal.epochs)
        elif options["follow"]:
            shown = _Shown(self)
        else:
            self._report(run, as_json=options["json"])
            return
        run = follow(
            lambda: Run.objects.select_related("dataset").get(pk=run.pk),
            shown.show,
            every=1.0,
        )
        self.end_progress()
        self._report(run, as_json=options["json"])

    def _report(self, run: Run, *, as_json: bool) -> None:
        model = getattr(run, "model", None)
        if as_json:
            self.print_json(
                {
                    "run": run.number,
                    "state": run.state,
                    "error": run.error,
                    "seconds": run.seconds,
                    "epochs": run.history.count(),
                    "dataset": run.dataset.hash,
                    "model": model.pk if model else None,
                    "production": bool(model and model.state == "production"),
                    "metrics": model.metrics if model else None,
                }
            )
        elif model is not None:
            for split, metrics in model.metrics.items():
                low, high = metrics["whole_string_interval"]
                self.stdout.write(
                    f"{split}: {metrics['whole_string_accuracy']:.1%} whole-string "
                    f"({low:.1%} to {high:.1%}, n = {metrics['n']}), {metrics['character_accuracy']:.1%} per character"
                )
            self.stdout.write(
                f"{run} is {run.state} after {run.seconds:.0f} seconds; its model is {model.pk} ({model.state})."
            )
        else:
            self.stdout.write(f"{run} is {run.state}.")
        if run.state == JobState.FAILED:
            raise CommandError(run.error)


class _Terminal:
    """Shows a training in this process."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self.epochs = 0

    def on_stage(self, stage: str) -> None:
        self._command.progress(stage)

    def on_batch(self, progress: BatchProgress) -> None:
        left = "" if progress.seconds_left is None else f", about {progress.seconds_left:.0f} s left"
        self._command.progress(
            f"epoch {progress.epoch}, batch {progress.batch} of {progress.batches}, loss {progress.loss:.3f}, "
            f"{progress.images_per_second:.0f} images/s{left}"
        )

    def on_epoch(self, metrics: EpochMetrics) -> None:
        self.epochs = metrics.epoch
        self._command.end_progress()
        self._command.stderr.write(_epoch_line(metrics.epoch, metrics.loss, metrics.whole_string_accuracy))

    def should_stop(self) -> bool:
        return False


class _Shown:
    """Shows a run from its row, from the epoch after `epochs` on."""

    def __init__(self, command: Command, epochs: int = 0) -> None:
        self._command = command
        self._epochs = epochs

    def show(self, run: Run) -> None:
        for epoch in run.history.filter(number__gt=self._epochs):
            self._epochs = epoch.number
            self._command.end_progress()
            self._command.stderr.write(
                _epoch_line(epoch.number, epoch.loss, epoch.validation_whole_string_accuracy)
            )
        self._command.progress(f"{run} {run.state} {run.stage} {run.percent} %")


def _epoch_line(number: int, loss: float, accuracy: float) -> str:
    return f"epoch {number:3d}  loss {loss:.3f}  validation {accuracy:.1%} whole-string"
