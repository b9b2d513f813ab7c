from typing import Any

from django.core.management.base import CommandError, CommandParser

from labeling.access import Act
from labeling.jobs import JobState
from labeling.management.console import WorkbenchCommand, follow
from training.management.hyperparameters import add_hyperparameters_argument, chosen_hyperparameters
from training.management.studies import TrainingLine
from training.models import Pruner, Search
from training.recognition.architectures import ARCHITECTURES
from training.search_details import search_details
from training.services.searches import USUAL_MINUTES, USUAL_TRIALS, create_search


class Command(WorkbenchCommand):
    help = "Search for better hyper-parameters: many short trainings, each trying what looks best by then."
    act = Act.TRAIN

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_project_argument(parser)
        parser.add_argument(
            "--architecture",
            choices=sorted(ARCHITECTURES),
            help="default: slots for texts of one length, ctc for a range",
        )
        parser.add_argument(
            "--range",
            action="append",
            default=[],
            metavar="NAME=LOW:HIGH",
            help="a hyper-parameter to search; may be repeated (default: those that usually matter)",
        )
        add_hyperparameters_argument(parser)
        parser.add_argument(
            "--trials", type=int, default=USUAL_TRIALS, metavar="N", help=f"default: {USUAL_TRIALS}"
        )
        parser.add_argument(
            "--max-minutes",
            type=float,
            default=USUAL_MINUTES,
            metavar="M",
            help=f"minutes of training per trial (default: {USUAL_MINUTES:g})",
        )
        parser.add_argument(
            "--budget-minutes", type=float, metavar="M", help="most minutes of all trials together"
        )
        parser.add_argument(
            "--pruner", choices=Pruner.values, default=Pruner.MEDIAN.value, help="default: median"
        )
        parser.add_argument("--seed", type=int, default=0, metavar="S")
        where = parser.add_mutually_exclusive_group()
        where.add_argument("--local", action="store_true", help="train in this process, without a worker")
        where.add_argument(
            "--follow", action="store_true", help="queue the trials and show them until all have ended"
        )
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        search = create_search(
            project=self.find_project(options["project"]),
            user=self.user,
            architecture=options["architecture"],
            space=dict(_range(text) for text in options["range"]) or None,
            fixed=chosen_hyperparameters(options),
            seed=options["seed"],
            trials=options["trials"],
            max_minutes=options["max_minutes"],
            budget_minutes=options["budget_minutes"],
            pruner=options["pruner"],
            here=options["local"],
        )
        if options["local"]:
            self._train(search)
        if options["local"] or options["follow"]:
            # Trials that other workers took may still be under way.
            search = follow(lambda: Search.objects.get(pk=search.pk), self._show, every=1.0)
            self.end_progress()
        self._report(search, as_json=options["json"])

    def _train(self, search: Search) -> None:
        # Only now, so that queueing a search waits neither for TensorFlow nor for Optuna.
        from training.services.search_study import weigh_parameters
        from training.services.training_work import run_training

        while (run := search.trials.filter(state=JobState.QUEUED).first()) is not None:
            run_training(run.pk, listener=_Line(self, f"trial {run.trial} of {search.trials_planned}"))
            self.end_progress()
            run.refresh_from_db()
            self.stderr.write(_trial_line(run.trial, run.trial_value, run.get_state_display()))
        weigh_parameters(search)

    def _show(self, search: Search) -> None:
        ended = search.trials.exclude(state__in=[JobState.QUEUED, JobState.RUNNING]).count()
        self.progress(f"{search} {search.state}: {ended} of {search.trials_planned} trials have ended")

    def _report(self, search: Search, *, as_json: bool) -> None:
        details = search_details(search)
        best = details.best
        if as_json:
            self.print_json(
                {
                    "search": search.number,
                    "state": search.state,
                    "error": search.error,
                    "dataset": search.dataset.hash,
                    "minutes": details.minutes,
                    "best": None if best is None else best.run.number,
                    "importance": search.importance,
                    "trials": [
                        {
                            "trial": row.run.trial,
                            "run": row.run.number,
                            "state": row.run.state,
                            "pruned": row.run.is_pruned,
                            "validation_whole_string_accuracy": row.value,
                            "hyperparameters": row.run.hyperparameters,
                        }
                        for row in details.rows
                    ],
                }
            )
        else:
            for weight in details.weights:
                self.stdout.write(f"{weight.share:6.1%}  {weight.title}")
            if best is not None:
                values = ", ".join(f"{name}={value:g}" for name, value in best.run.hyperparameters.items())
                self.stdout.write(
                    f"best: {best.run}, {best.value:.1%} of validation images right, with {values}"
                )
            self.stdout.write(f"{search} is {search.state}.")
        if search.state == JobState.FAILED:
            raise CommandError(search.error)


class _Line(TrainingLine):
    """Shows one trial in this process."""

    def on_stage(self, stage: str) -> None: ...


def _trial_line(number: int, value: float | None, state: str) -> str:
    share = "" if value is None else f"  {value:.1%} of validation images right"
    return f"trial {number:3d}  {state.lower()}{share}"


def _range(text: str) -> tuple[str, tuple[str, str]]:
    name, equals, ends = text.partition("=")
    low, colon, high = ends.partition(":")
    if not (equals and colon):
        raise CommandError(f"--range {text} does not work: write NAME=LOW:HIGH.")
    return name, (low, high)
