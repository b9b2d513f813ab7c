"""The form of a new search: an architecture, which of its hyper-parameters to search and between which values."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms

from labeling.models import Project
from labeling.services.preparations import current_preparation
from training.form_fields import DECIMAL, MinutesField
from training.forms import field_name
from training.models import Pruner
from training.recognition.architectures import ARCHITECTURES, Architecture, default_architecture
from training.recognition.architectures.hyperparameters import HyperparameterField
from training.recognition.search_space import usual_range, usual_space
from training.recognition.task import InvalidTask
from training.services.reading_task import reading_task
from training.services.runs import LARGEST_SEED, MOST_MINUTES
from training.services.searches import MOST_TRIALS, USUAL_MINUTES, USUAL_TRIALS


@dataclass(frozen=True)
class RangeRow:
    """A hyper-parameter as a row of the form: whether to search it, from where to where."""

    field: HyperparameterField
    is_searched: forms.BoundField
    low: forms.BoundField
    high: forms.BoundField


@dataclass(frozen=True)
class SearchChoice:
    """An architecture as a radio card. `refusal` says why it cannot read this project's texts."""

    architecture: Architecture
    refusal: str
    is_chosen: bool
    rows: list[RangeRow]


class SearchForm(forms.Form):
    """What a new search may be told. Ranges are fields named `ARCHITECTURE-NAME-low` and `-high`."""

    architecture = forms.ChoiceField(choices=[(name, one.title) for name, one in ARCHITECTURES.items()])
    trials = forms.IntegerField(
        label="Trials",
        min_value=2,
        max_value=MOST_TRIALS,
        initial=USUAL_TRIALS,
        help_text="The first takes the defaults; about five for each hyper-parameter are a good start.",
        widget=forms.NumberInput(attrs={"data-search-estimate-target": "trials"}),
    )
    max_minutes = MinutesField(
        label="Minutes per trial",
        min_value=0.05,
        initial=USUAL_MINUTES,
        help_text="Long enough that good and bad ones part; the best is trained anew at full length.",
        attrs={"data-search-estimate-target": "minutes"},
    )
    budget_minutes = MinutesField(
        label="Minutes in total",
        required=False,
        min_value=0.05,
        max_value=MOST_TRIALS * MOST_MINUTES,
        help_text="Of all workers together; no trial begins after that. Left empty, all trials are made.",
        attrs={"data-search-estimate-target": "budget"},
    )
    pruner = forms.ChoiceField(
        label="End hopeless trials early", choices=Pruner.choices, initial=Pruner.MEDIAN.value
    )
    seed = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=LARGEST_SEED,
        initial=0,
        help_text="Of all trials, so that they compare.",
    )

    def __init__(self, project: Project, data: Any = None) -> None:
        self.task = reading_task(project, current_preparation(project))
        default = default_architecture(self.task, project.counts.labelled)
        super().__init__(data, initial={"architecture": default.name})
        for architecture in ARCHITECTURES.values():
            usual = usual_space(architecture)
            for one in architecture.fields():
                name, ends = field_name(architecture, one), usual_range(one)
                self.fields[f"{name}-on"] = forms.BooleanField(
                    label=one.title, required=False, initial=one.name in usual
                )
                for end, value in (("low", ends.low), ("high", ends.high)):
                    self.fields[f"{name}-{end}"] = forms.FloatField(
                        label=f"{one.title}, {end}est",
                        required=False,
                        initial=f"{value:g}",
                        min_value=one.minimum,
                        max_value=one.maximum,
                        widget=forms.NumberInput(
                            attrs=DECIMAL | {"aria-label": f"{one.title}, {end}est value"}
                        ),
                    )

    @property
    def architectures(self) -> list[SearchChoice]:
        """The radio cards."""
        chosen = self["architecture"].value()
        choices = []
        for name, architecture in ARCHITECTURES.items():
            try:
                architecture.check(self.task)
                refusal = ""
            except InvalidTask as error:
                refusal = str(error)
            rows = list(self._rows(architecture))
            choices.append(SearchChoice(architecture, refusal, name == chosen and not refusal, rows))
        return choices

    def _rows(self, architecture: Architecture) -> Iterator[RangeRow]:
        """Those that are searched if nobody says otherwise come first."""
        usual = usual_space(architecture)
        for one in sorted(architecture.fields(), key=lambda each: each.name not in usual):
            name = field_name(architecture, one)
            yield RangeRow(one, self[f"{name}-on"], self[f"{name}-low"], self[f"{name}-high"])

    def wish(self) -> dict[str, Any]:
        """Return a valid form as arguments of `create_search`."""
        data = self.cleaned_data
        architecture = ARCHITECTURES[data["architecture"]]
        space = {}
        for one in architecture.fields():
            name = field_name(architecture, one)
            if data[f"{name}-on"]:
                usual = usual_range(one)
                low, high = data[f"{name}-low"], data[f"{name}-high"]
                space[one.name] = (usual.low if low is None else low, usual.high if high is None else high)
        return {
            "architecture": architecture.name,
            "space": space,
            "trials": data["trials"],
            "max_minutes": data["max_minutes"],
            "budget_minutes": data["budget_minutes"],
            "pruner": data["pruner"],
            "seed": data["seed"] or 0,
        }


class TrainBestForm(forms.Form):
    """How long the best may train when it is trained anew."""

    max_minutes = MinutesField(
        required=False, help_text="Left empty, the architecture's own number of epochs."
    )
