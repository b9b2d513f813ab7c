from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from labeling.access import Act
from labeling.management.console import WorkbenchCommand
from training.coverage_words import coverage_words
from training.management.studies import TrainingLine, add_wish_arguments, wish_of
from training.recognition.folds import FOLDS, GOOD_ACCURACY, Fold
from training.recognition.metrics import Evaluation
from training.services.studies import ProjectCrossValidation, cross_validate_project


class Command(WorkbenchCommand):
    help = (
        "Measure readers on all labelled images, each image by a reader that never saw it, and list the labels that "
        "are probably wrong. Interrupted, the same command goes on where it was."
    )
    act = Act.TRAIN

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_project_argument(parser)
        parser.add_argument("--folds", type=int, default=FOLDS, metavar="K", help=f"default: {FOLDS}")
        parser.add_argument(
            "--suspects-from",
            type=float,
            metavar="CONFIDENCE",
            help="from which confidence on, 0 to 1, a reading accuses a label (default: the mean confidence of the "
            "readings that agree with their labels, at least 0.5)",
        )
        add_wish_arguments(parser, "fold")

    def handle(self, *args: Any, **options: Any) -> None:
        folds = options["folds"]
        validated = cross_validate_project(
            project=self.find_project(options["project"]),
            user=self.user,
            wish=wish_of(options),
            folds=folds,
            suspects_from=options["suspects_from"],
            listeners=lambda fold: TrainingLine(self, f"fold {fold + 1} of {folds}"),
        )
        self.end_progress()
        if options["json"]:
            self.print_json(_as_json(validated, options))
            return
        evaluation = validated.result.evaluation()
        for number, fold in enumerate(validated.result.folds, start=1):
            self.stdout.write(f"fold {number}: {_fold_words(fold)}")
        self._write_evaluation(evaluation)
        self._write_suspects(validated)

    def _write_evaluation(self, evaluation: Evaluation) -> None:
        whole, characters = evaluation.whole_string_interval, evaluation.character_interval
        self.stdout.write(
            f"{evaluation.whole_string_accuracy:.1%} whole-string (95 % interval {whole.low:.1%} to {whole.high:.1%}, "
            f"n = {evaluation.n}), {evaluation.character_accuracy:.1%} per character "
            f"({characters.low:.1%} to {characters.high:.1%})."
        )
        if evaluation.calibration is not None:
            error = evaluation.calibration.expected_calibration_error
            self.stdout.write(f"Confidences are {error:.1%} off on average (expected calibration error).")
        if evaluation.coverage is not None:
            self.stdout.write(str(coverage_words(evaluation.coverage, evaluation.coverage, "images")))

    def _write_suspects(self, validated: ProjectCrossValidation) -> None:
        if not validated.suspects:
            self.stdout.write("No label looks wrong.")
            return
        self.stdout.write(
            f"Labels to look at again ({len(validated.suspects)}), the likeliest errors first; they wait on the "
            "Review page unless somebody has decided them there before:"
        )
        for each in validated.suspects:
            self.stdout.write(
                f"  {each.name}: labelled {each.label}, read as {each.reading}, {each.confidence:.1%} sure"
            )


def _fold_words(fold: Fold) -> str:
    share = fold.whole_string
    if fold.seconds_to_good is None:
        good = f"validation never reached {GOOD_ACCURACY:.0%}"
    else:
        good = f"validation passed {GOOD_ACCURACY:.0%} after {fold.seconds_to_good:.0f} s"
    return f"{share.count} of {share.n} right ({share.value:.1%}), {fold.seconds:.0f} s of training, {good}"


def _as_json(validated: ProjectCrossValidation, options: dict[str, Any]) -> dict[str, Any]:
    return {
        "architecture": validated.architecture,
        "dataset": validated.dataset.hash,
        "seed": options["seed"],
        **validated.result.evaluation().to_json(),
        "folds": [fold.to_json() for fold in validated.result.folds],
        "suspects": [asdict(each) for each in validated.suspects],
    }
