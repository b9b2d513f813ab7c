"""Forms of a new run (an architecture, how long it may train, its hyper-parameters), and of the automatic loop."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from labeling.models import Project
from labeling.services.preparations import current_preparation
from training.form_fields import MinutesField
from training.models import AutomaticLoop, Run
from training.recognition.architectures import ARCHITECTURES, Architecture, default_architecture
from training.recognition.architectures.hyperparameters import HyperparameterField, NetworkHyperparameters
from training.recognition.augmentation import Augmentation
from training.recognition.task import InvalidTask
from training.services.automatic_loop import FEWEST_ANNOTATIONS, MOST_ANNOTATIONS
from training.services.reading_task import reading_task
from training.services.runs import LARGEST_SEED, MOST_EPOCHS, settings_of
from training.services.self_training import is_proposed
from training.services.self_training_images import unlabelled_outlook

SHARED = frozenset(one.name for one in dataclasses.fields(NetworkHyperparameters))
STARTER = "starter"
AUGMENTATION = frozenset(one.name for one in dataclasses.fields(Augmentation))


@dataclass(frozen=True)
class FieldGroup:
    """Hyper-parameters that belong together."""

    title: str
    fields: list[forms.BoundField]


@dataclass(frozen=True)
class ArchitectureChoice:
    """An architecture as a radio card. `refusal` says why it cannot read this project's texts; `starter` chooses
    whether it begins with the starter model, where it can, and stands apart from its other hyper-parameters."""

    architecture: Architecture
    refusal: str
    is_chosen: bool
    groups: list[FieldGroup]
    starter: forms.BoundField | None


class NewRunForm(forms.Form):
    """What a new run may be told. Hyper-parameters are fields named `ARCHITECTURE-NAME`."""

    architecture = forms.ChoiceField(choices=[(name, one.title) for name, one in ARCHITECTURES.items()])
    max_minutes = MinutesField(
        required=False,
        initial=10,
        help_text="The learning rate plans with this time. It ends sooner when nothing improves any more.",
    )
    max_epochs = forms.IntegerField(
        label="Epochs",
        required=False,
        min_value=1,
        max_value=MOST_EPOCHS,
        help_text="Passes over all training images. Left empty, the architecture's own number.",
    )
    self_training = forms.BooleanField(required=False)
    seed = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=LARGEST_SEED,
        initial=0,
        help_text="The same seed with the same data gives the same start.",
    )
    same_inputs = forms.TypedChoiceField(
        label="Images",
        required=False,
        choices=((1, "Its images"), (0, "The images as they are now")),
        initial=1,
        coerce=lambda value: bool(int(value)),
        empty_value="",
        widget=forms.RadioSelect,
    )

    def __init__(self, project: Project, data: Any = None, *, copy_of: Run | None = None) -> None:
        """`copy_of` is the run whose values the form begins with."""
        self.copy_of = copy_of
        self.task = reading_task(project, current_preparation(project))
        self.labelled = project.counts.labelled
        self.unlabelled = unlabelled_outlook(project)
        super().__init__(data, initial=self._initial(copy_of))
        if copy_of is None:
            del self.fields["same_inputs"]
        for architecture in ARCHITECTURES.values():
            for one in architecture.fields():
                self.fields[field_name(architecture, one)] = _form_field(one)

    def _initial(self, copy_of: Run | None) -> dict[str, Any]:
        if copy_of is None:
            default = default_architecture(self.task, self.labelled)
            return {
                "architecture": default.name,
                "self_training": is_proposed(default, self.unlabelled),
            }
        told = settings_of(copy_of)
        given = told.pop("hyperparameters")
        return told | {f"{copy_of.architecture}-{name}": value for name, value in given.items()}

    @property
    def architectures(self) -> list[ArchitectureChoice]:
        """The radio cards."""
        chosen = self["architecture"].value()
        choices = []
        for name, architecture in ARCHITECTURES.items():
            try:
                architecture.check(self.task)
                refusal = ""
            except InvalidTask as error:
                refusal = str(error)
            is_chosen = name == chosen and not refusal
            groups, starter = self._groups(architecture), self._starter(architecture)
            choices.append(ArchitectureChoice(architecture, refusal, is_chosen, groups, starter))
        return choices

    def _groups(self, architecture: Architecture) -> list[FieldGroup]:
        """An architecture's own hyper-parameters, then those of training, then those of augmentation."""
        grouped: dict[str, list[forms.BoundField]] = {"Architecture": [], "Training": [], "Augmentation": []}
        for one in architecture.fields():
            if one.name == STARTER:
                continue
            augments, shared = one.name in AUGMENTATION, one.name in SHARED
            title = "Augmentation" if augments else "Training" if shared else "Architecture"
            grouped[title].append(self[field_name(architecture, one)])
        return [FieldGroup(title, fields) for title, fields in grouped.items() if fields]

    def _starter(self, architecture: Architecture) -> forms.BoundField | None:
        name = f"{architecture.name}-{STARTER}"
        return self[name] if name in self.fields else None

    @property
    def networks(self) -> str:
        """The names of the architectures that have a budget and augmentation, as `choice-panels` reads them."""
        return " ".join(name for name, each in ARCHITECTURES.items() if each.learns_in_steps)

    @property
    def self_training_networks(self) -> str:
        """The names of the architectures that unlabelled images can help, as `choice-panels` reads them."""
        return " ".join(name for name, each in ARCHITECTURES.items() if each.self_trains)

    @property
    def has_changed_details(self) -> bool:
        """Whether the folded part of the form holds something that must be seen: an error, or another run's values."""
        wrong = any("-" in name or name == "seed" for name in self.errors)
        return wrong or bool(self.copy_of and (self.copy_of.hyperparameters or self.copy_of.seed))

    def wish(self) -> dict[str, Any]:
        """Return a valid form as arguments of `create_run`, without hyper-parameters at their defaults."""
        same_inputs = bool(self.cleaned_data.get("same_inputs"))
        self_trains = ARCHITECTURES[self.cleaned_data["architecture"]].self_trains
        return self._settings() | {
            "self_training": self_trains and self.cleaned_data["self_training"],
            "seed": self.cleaned_data["seed"] or 0,
            "copy_of": self.copy_of,
            "same_inputs": same_inputs,
        }

    def wish_for_estimate(self) -> dict[str, Any]:
        """Return what decides how long the run of a valid form takes, as arguments of `estimate`."""
        return self._settings()

    def _settings(self) -> dict[str, Any]:
        data = self.cleaned_data
        architecture = ARCHITECTURES[data["architecture"]]
        given = {one.name: data[field_name(architecture, one)] for one in architecture.fields()}
        defaults = {one.name: one.default for one in architecture.fields()}
        return {
            "architecture": architecture.name,
            "max_minutes": data["max_minutes"],
            "max_epochs": data["max_epochs"],
            "hyperparameters": {
                name: value for name, value in given.items() if value is not None and value != defaults[name]
            },
        }


def _form_field(one: HyperparameterField) -> forms.Field:
    """A list of two for what is on or off, else a field for a number; left empty, it is the default."""
    common: dict[str, Any] = {"label": one.title, "required": False, "initial": one.default}
    if one.is_switch:
        choices = ((1, "on"), (0, "off"))
        return forms.TypedChoiceField(
            coerce=int, empty_value=None, choices=choices, help_text=one.explanation, **common
        )
    kind: Any = forms.IntegerField if one.type is int else forms.FloatField
    field: forms.Field = kind(
        min_value=one.minimum,
        max_value=one.maximum,
        help_text=f"{one.explanation} From {one.minimum:g} to {one.maximum:g}, default {one.default:g}.",
        widget=forms.NumberInput(attrs={"step": 1 if one.type is int else "any"}),
        **common,
    )
    return field


def field_name(architecture: Architecture, one: HyperparameterField) -> str:
    """The name of a hyper-parameter's field in a form."""
    return f"{architecture.name}-{one.name}"


def typed_hyperparameters(architecture: Architecture, data: Mapping[str, str]) -> dict[str, str]:
    """An architecture's hyper-parameters as they were typed into a form, without those left empty."""
    typed = {one.name: data.get(field_name(architecture, one), "").strip() for one in architecture.fields()}
    return {name: value for name, value in typed.items() if value}


class AutomaticLoopForm(forms.Form):
    """When to train without being asked, and for how long."""

    is_on = forms.BooleanField(required=False)
    every = forms.IntegerField(
        label="New annotations",
        min_value=FEWEST_ANNOTATIONS,
        max_value=MOST_ANNOTATIONS,
        help_text="After so many, a run starts. Never while another one is under way.",
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    max_minutes = MinutesField(help_text="How long each run may train.")

    @classmethod
    def of(cls, loop: AutomaticLoop) -> "AutomaticLoopForm":
        """Return the form as the loop stands."""
        initial = {"is_on": loop.is_on, "every": loop.every, "max_minutes": f"{loop.max_minutes:g}"}
        return cls(initial=initial, prefix="loop")
