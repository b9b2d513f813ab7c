from typing import Any

from django.core.management.base import CommandError, CommandParser

from labeling.access import Act
from labeling.jobs import JobState
from labeling.management.console import WorkbenchCommand
from training.management.hyperparameters import add_hyperparameters_argument, chosen_hyperparameters
from training.management.watching import round_line, watch_run
from training.models import LabelFree, Run
from training.recognition.architectures import ARCHITECTURES
from training.services.label_free import DRAWN, MINUTES, Wish, start_without_labels


class Command(WorkbenchCommand):
    help = "Train a reader on a project's images without any label: a style is fitted, and texts are drawn in it."
    act = Act.TRAIN

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_project_argument(parser)
        parser.add_argument(
            "--max-minutes", type=float, default=MINUTES, metavar="M",
            help=f"most minutes of all stages together (default: {MINUTES:g})",
        )  # fmt: skip
        parser.add_argument(
            "--images", type=int, default=DRAWN, metavar="N", help=f"images to draw (default: {DRAWN})"
        )
        parser.add_argument("--refine", action="store_true", help="let a refiner make drawn images look real")
        parser.add_argument(
            "--no-self-training", action="store_true", help="end after the training on drawn images"
        )
        parser.add_argument(
            "--architecture",
            choices=sorted(ARCHITECTURES),
            help="default: slots for texts of one length, ctc for a range",
        )
        parser.add_argument("--seed", type=int, default=0, metavar="S")
        add_hyperparameters_argument(parser)
        where = parser.add_mutually_exclusive_group()
        where.add_argument("--local", action="store_true", help="train in this process, without a worker")
        where.add_argument("--follow", action="store_true", help="queue the run and show it until it ends")
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        project = self.find_project(options["project"])
        run = start_without_labels(
            project=project,
            user=self.user,
            wish=Wish(
                refine=options["refine"],
                self_train=not options["no_self_training"],
                synthetic_count=options["images"],
                max_minutes=options["max_minutes"],
            ),
            architecture=options["architecture"],
            hyperparameters=chosen_hyperparameters(options),
            seed=options["seed"],
            here=options["local"],
        )
        if options["local"] or options["follow"]:
            run = watch_run(self, run, here=options["local"])
        self._report(run, as_json=options["json"])

    def _report(self, run: Run, *, as_json: bool) -> None:
        model = getattr(run, "model", None)
        told = LabelFree.objects.get(run=run)
        asked = told.asked.count()
        if as_json:
            self.print_json(
                {
                    "run": run.number,
                    "state": run.state,
                    "error": run.error,
                    "seconds": run.seconds,
                    "stages": told.stages,
                    "closeness": told.closeness,
                    "rounds": run.rounds,
                    "model": model.pk if model else None,
                    "production": bool(model and model.state == "production"),
                    "metrics": model.metrics if model else None,
                    "asked": asked,
                }
            )
        elif model is not None:
            for stage in told.stages:
                self.stdout.write(f"{stage['name']}: {stage['state']}, {stage['seconds']:.0f} seconds")
            for each in run.rounds:
                self.stdout.write(round_line(each))
            self.stdout.write(
                f"{run} is {run.state} after {run.seconds:.0f} seconds; its model is {model.pk} ({model.state})."
            )
            if asked:
                self.stdout.write(
                    f"How right it is tell {asked} images that it did not learn from: transcribe them on the page of "
                    f"{str(run).lower()}."
                )
        else:
            self.stdout.write(f"{run} is {run.state}.")
        if run.state == JobState.FAILED:
            raise CommandError(run.error)
