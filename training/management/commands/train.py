import argparse
from typing import Any

from django.core.management.base import CommandError, CommandParser

from labeling.access import Act
from labeling.jobs import JobState
from labeling.management.console import WorkbenchCommand
from training.management.hyperparameters import add_hyperparameters_argument, chosen_hyperparameters
from training.management.watching import round_line, watch_run
from training.models import Run
from training.recognition.architectures import ARCHITECTURES
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
        parser.add_argument(
            "--self-training",
            action=argparse.BooleanOptionalAction,
            help="learn from the project's unlabelled images, too, or from labelled ones alone (default: as the page "
            "Train proposes)",
        )
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
            self_training=options["self_training"],
            here=options["local"],
        )
        if options["local"] or options["follow"]:
            run = watch_run(self, run, here=options["local"])
        self._report(run, as_json=options["json"])

    def _report(self, run: Run, *, as_json: bool) -> None:
        model = getattr(run, "model", None)
        for each in () if as_json else run.rounds:
            self.stdout.write(round_line(each))
        if as_json:
            self.print_json(
                {
                    "run": run.number,
                    "state": run.state,
                    "error": run.error,
                    "seconds": run.seconds,
                    "epochs": run.history.count(),
                    "rounds": run.rounds,
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
