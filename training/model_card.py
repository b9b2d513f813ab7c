"""A model's card: what it reads, how right it is, what it is not for, and how it was made. One set of facts for the
page, the Markdown and the JSON."""

from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from labeling.intervals import Share
from labeling.recipe_form import describe
from training.coverage_words import percent
from training.model_details import ModelDetails, model_details
from training.models import Model, Run
from training.querysets import architecture_title
from training.recognition.architectures import ARCHITECTURES
from training.recognition.family import fewest_to_promise
from training.run_rounds import unlabelled_words
from training.services.asked import AskedResult, asked_result
from training.services.family import FamilyTest, family_test

FORMAT = 1
WIDE = 0.1
"""An interval this wide says little."""
MISTAKES_NAMED = 3


@dataclass(frozen=True)
class HyperparameterValue:
    """A hyper-parameter as a run had it."""

    name: str
    title: str
    value: Any
    is_default: bool


@dataclass(frozen=True)
class ModelCard:
    """What is known of a model. `uses` and `limits` are sentences for people."""

    model: Model
    details: ModelDetails
    architecture: str
    source: str
    hyperparameters: list[HyperparameterValue]
    recipe: list[str]
    slicing: str
    unlabelled: str
    uses: list[str]
    limits: list[str]
    # What people transcribed for a model that was trained without labels; None for others.
    asked: AskedResult | None = None

    @property
    def run(self) -> Run:
        return self.model.run

    @property
    def begun_with(self) -> str:
        """What its network knew before it saw an image of the project; empty where there is no choice."""
        switch = [each.value for each in self.hyperparameters if each.name == "starter"]
        if not switch:
            return ""
        if not switch[0]:
            return "nothing: all weights were drawn at random"
        return f"the starter model {self.run.starter or 'of its time, which was not recorded'}"

    @property
    def changed(self) -> list[HyperparameterValue]:
        """The hyper-parameters that are not at their defaults."""
        return [each for each in self.hyperparameters if not each.is_default]

    def to_markdown(self) -> str:
        """The card as Markdown."""
        return render_to_string("training/model_card.md", {"card": self, "project": self.model.project})

    def to_json(self) -> dict[str, Any]:
        """The card as plain JSON; shares are 0..1, intervals 95 % as [low, high]."""
        model, run, project = self.model, self.run, self.model.project
        return {
            "format": FORMAT,
            "model": str(model),
            "state": model.state,
            "made_at": model.created_at.isoformat(),
            "task": {
                "project": project.name,
                "alphabet": project.alphabet,
                "min_length": project.min_length,
                "max_length": project.max_length,
                "case_sensitive": project.case_sensitive,
                "preparation": run.preparation.recipe.to_json(),
            },
            "data": {
                "dataset_version": run.dataset.number,
                "hash": run.dataset.hash,
                "train": run.dataset.train_count,
                "validation": run.dataset.validation_count,
                "test": run.dataset.test_count,
                "unlabelled": run.rounds,
            },
            "made": {
                "run": run.number,
                "teaching": run.teaching,
                "architecture": run.architecture,
                "source": self.source,
                "hyperparameters": {each.name: each.value for each in self.hyperparameters},
                "starter": run.starter or None,
                "seed": run.seed,
                "epochs": run.epoch,
                "minutes": round(run.seconds / 60, 2) if run.seconds is not None else None,
                "worker": run.worker,
                "code_version": run.code_version,
                "packages": run.packages,
                "parameters": model.parameter_count,
            },
            "metrics": model.metrics,
            "transcribed": _transcribed(self.asked),
            "intended_use": self.uses,
            "limits": self.limits,
        }


def model_card(model: Model) -> ModelCard:
    """Gather what is known of a model; it comes with its run, the run's dataset and preparation, and its project."""
    run, details = model.run, model_details(model)
    architecture = ARCHITECTURES.get(run.architecture)
    recipe = run.preparation.recipe
    asked = asked_result(run.label_free) if run.needs_no_labels else None
    return ModelCard(
        model=model,
        details=details,
        architecture=architecture_title(run.architecture),
        source=architecture.source if architecture else "",
        hyperparameters=hyperparameter_values(run),
        recipe=[describe(step) for step in recipe.steps],
        slicing=describe(recipe.slicing) if architecture and architecture.needs_slices else "",
        unlabelled=unlabelled_words(run),
        uses=_uses(model),
        limits=_limits(model, details, asked),
        asked=asked,
    )


def hyperparameter_values(run: Run) -> list[HyperparameterValue]:
    """Return all hyper-parameters of a run, also those at the defaults of its architecture."""
    architecture = ARCHITECTURES.get(run.architecture)
    if architecture is None:
        return [HyperparameterValue(name, name, value, False) for name, value in run.hyperparameters.items()]
    return [
        HyperparameterValue(
            one.name,
            one.title,
            run.hyperparameters.get(one.name, one.default),
            run.hyperparameters.get(one.name, one.default) == one.default,
        )
        for one in architecture.fields()
    ]


def _uses(model: Model) -> list[str]:
    project = model.project
    has_letters = project.alphabet.upper() != project.alphabet.lower()
    case = " Upper and lower case are not told apart." if has_letters and not project.case_sensitive else ""
    return [
        f"Reading images like those of “{project.name}”: {project.length_text} characters of "
        f"“{project.alphabet}”.{case}",
        "For images that one owns or may test.",
    ]


def _transcribed(asked: AskedResult | None) -> dict[str, Any] | None:
    """What the blind transcription came to, once it is complete."""
    if asked is None or asked.right is None:
        return None
    return {"asked": asked.asked, "skipped": asked.skipped} | asked.right.to_json()


def _without_labels(asked: AskedResult | None) -> list[str]:
    """What one must know of a model that was trained without labels; nothing for others."""
    if asked is None:
        return []
    how = "It was trained without labels, on drawn images and on its own readings of images that nobody labelled."
    if asked.right is None:
        return [
            f"{how} Nobody has transcribed all of the {asked.asked} images yet that its run asks about: how right it "
            "is on real ones is not known."
        ]
    right = asked.right
    return [
        f"{how} Of {right.n:,} images that it did not learn from, it reads {percent(right.value)} as a person did who "
        f"did not see its readings (95 %: {percent(right.interval.low)} to {percent(right.interval.high)})."
    ]


def _limits(model: Model, details: ModelDetails, asked: AskedResult | None) -> list[str]:
    """What one must know before one relies on a model, from what was measured."""
    project, test = model.project, details.test
    limits = [
        f"It always answers with {project.length_text} characters of its alphabet, also for an image that shows "
        f"something else. {_strangers(family_test(model.metrics))}",
        "How right it is on images that look different from those of its dataset was not measured.",
        *_without_labels(asked),
    ]
    if not test:
        return limits if asked else [*limits, "It was not measured on test images at all."]
    share = Share(test["right"], test["n"])
    if share.interval.high - share.interval.low > WIDE:
        limits.append(
            f"It was measured on {share.n:,} test images only: of new images like these, it may read as few as "
            f"{percent(share.interval.low)} right."
        )
    if details.calibration_error is not None and details.calibration_error > WIDE / 2:
        limits.append(f"Its confidences are {percent(details.calibration_error)} off on average.")
    limits += _confusions(details) + _unseen(model, details)
    architecture = ARCHITECTURES.get(model.run.architecture)
    if architecture is not None and architecture.needs_slices:
        limits.append("It cuts each image into slices first: an image that is cut wrong is read wrong.")
    return limits


def _strangers(test: FamilyTest | None) -> str:
    """How one knows an image that shows something else."""
    if test is None:
        return "Only its confidence tells."
    measured = (
        f"; of {test.flagged.n:,} test images of this family, it took {test.flagged.count:,} for strangers"
        if test.flagged.n
        else ""
    )
    few = (
        f" It knows only {test.learnt_from} images, so it overlooks strangers that resemble the family, and takes "
        "images of a kind that it has not seen for strangers."
        if test.learnt_from < fewest_to_promise()
        else ""
    )
    return (
        "Images that look unlike those that it was trained on are flagged as “not this family”, whatever was read in "
        f"them (strangeness above 1){measured}. Images that differ in their text alone are not.{few}"
    )


def _confusions(details: ModelDetails) -> list[str]:
    named = [each for each in details.mistakes if each.written and each.read][:MISTAKES_NAMED]
    if not named:
        return []
    told = ", ".join(f"“{each.written}” as “{each.read}” ({each.count:,} of {each.n:,})" for each in named)
    return [f"It is known to confuse characters, most often: {told}."]


def _unseen(model: Model, details: ModelDetails) -> list[str]:
    """Characters that no test image has."""
    if not details.characters:
        return []
    seen = {character.casefold() for character, share in details.characters if share.n}
    unseen = "".join(each for each in model.project.alphabet if each.casefold() not in seen)
    return [f"No test image had these characters, so nothing is known of them: {unseen}"] if unseen else []
