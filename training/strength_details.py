"""A strength report as pages, Markdown, API and commands show it: what was measured, laid out."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.template.loader import render_to_string

from labeling.intervals import Share
from training.learning_curve_chart import CurveChart, curve_chart
from training.models import StrengthReport
from training.querysets import architecture_title
from training.recognition.comparison import CHANCE, PairedComparison
from training.recognition.confusion import Mistake
from training.recognition.curve_point import CurvePoint
from training.recognition.disturbances import DISTURBANCES
from training.recognition.labels_needed import TARGETS, LabelsNeeded, labels_needed
from training.recognition.picture_properties import PROPERTIES, Halves, Property
from training.strength_measured import FORMAT, StrengthMeasured
from training.strength_words import advice, headline, limits

MISTAKES_SHOWN = 12


@dataclass(frozen=True)
class CharacterRow:
    """How often a character was read right. `resists`: less often than characters on the whole, and not by chance."""

    character: str
    right: Share
    resists: bool


@dataclass(frozen=True)
class NoiseRow:
    """A kind of added noise, and what it costs a reader that meets it (`unseen`) or was trained with it (`learnt`)."""

    title: str
    what: str
    unseen: PairedComparison
    learnt: PairedComparison
    cpu_seconds: float

    @property
    def can_be_told(self) -> bool:
        """Whether enough is read without the noise to show that all of it is lost."""
        lost = PairedComparison(0, self.learnt.first.count, 0, self.learnt.n - self.learnt.first.count)
        return lost.p_value < CHANCE / len(DISTURBANCES)

    @property
    def resists(self) -> bool:
        """Whether even a reader that was trained with it reads less, beyond chance among all kinds together."""
        return self.learnt.difference > 0 and self.learnt.p_value < CHANCE / len(DISTURBANCES)

    @property
    def surprises(self) -> bool:
        """Whether a reader that meets it for the first time reads less."""
        return self.unseen.difference > 0 and self.unseen.p_value < CHANCE / len(DISTURBANCES)


@dataclass(frozen=True)
class PropertyRow:
    """A property of the images, and how much is read where they have less and more of it."""

    property: Property
    halves: Halves


@dataclass(frozen=True)
class StrengthDetails:
    """Everything that a finished report shows."""

    report: StrengthReport
    measured: StrengthMeasured

    @property
    def architecture(self) -> str:
        return architecture_title(self.report.architecture)

    @property
    def points(self) -> tuple[CurvePoint, ...]:
        return self.measured.points

    @property
    def best(self) -> CurvePoint:
        """The reader with all labels."""
        return self.points[-1]

    @property
    def cpu_seconds(self) -> float:
        """Of all readers of the report together."""
        noise = sum(each.cpu_seconds for each in self.measured.disturbed)
        return sum(each.cpu_seconds for each in self.points) + noise

    @property
    def chart(self) -> CurveChart | None:
        return curve_chart([point.to_json() for point in self.points])

    @cached_property
    def needs(self) -> list[LabelsNeeded]:
        return [labels_needed(self.points, target) for target in TARGETS]

    @cached_property
    def characters_together(self) -> Share:
        """How many characters were read right, of all that were written."""
        shares = self.measured.confusion.characters().values()
        return Share(sum(each.count for each in shares), sum(each.n for each in shares))

    @cached_property
    def characters(self) -> list[CharacterRow]:
        """The least accurate first."""
        together = self.characters_together.value
        return [
            CharacterRow(character, share, resists=share.interval.high < together)
            for character, share in self.measured.confusion.characters().items()
        ]

    @property
    def resisting_characters(self) -> list[CharacterRow]:
        return [row for row in self.characters if row.resists]

    @property
    def mistakes(self) -> list[Mistake]:
        return self.measured.confusion.most_confused(MISTAKES_SHOWN)

    @cached_property
    def noise(self) -> list[NoiseRow]:
        """What costs a reader most that was trained with it first."""
        known = {each.name: each for each in DISTURBANCES}
        rows = [
            NoiseRow(
                known[each.name].title, known[each.name].what, each.unseen, each.learnt, each.cpu_seconds
            )
            for each in self.measured.disturbed
            if each.name in known
        ]
        return sorted(rows, key=lambda row: -row.learnt.difference)

    @cached_property
    def properties(self) -> list[PropertyRow]:
        """What goes with misreading most first."""
        known = {each.name: each for each in PROPERTIES}
        rows = [PropertyRow(known[each.name], each) for each in self.measured.halves if each.name in known]
        return sorted(rows, key=lambda row: -abs(row.halves.above.value - row.halves.below.value))

    @property
    def headline(self) -> str:
        return headline(self)

    @property
    def advice(self) -> list[str]:
        return advice(self)

    @property
    def limits(self) -> list[str]:
        return limits(self)

    def to_markdown(self) -> str:
        """The report as Markdown."""
        return render_to_string("training/strength_report.md", {"details": self, "report": self.report})

    def to_json(self) -> dict[str, Any]:
        """The report as plain JSON; shares are 0..1, intervals 95 % as [low, high]."""
        report = self.report
        return {
            "format": FORMAT,
            "report": report.number,
            "project": report.project.name,
            "made_at": report.finished_at.isoformat() if report.finished_at else None,
            "architecture": report.architecture,
            "max_minutes": report.max_minutes,
            "seed": report.seed,
            "headline": self.headline,
            "needs": [each.to_json() for each in self.needs],
            "characters": [
                {"character": row.character, "right": row.right.to_json(), "resists": row.resists}
                for row in self.characters
            ],
            "noise": [_noise_json(row) for row in self.noise],
            "measured": self.measured.to_json(),
            "advice": self.advice,
            "limits": self.limits,
        }


def strength_details(report: StrengthReport) -> StrengthDetails | None:
    """Lay out a report; None before it is measured."""
    if report.measured is None:
        return None
    return StrengthDetails(report, StrengthMeasured.from_json(report.measured))


def _noise_json(row: NoiseRow) -> dict[str, Any]:
    return {
        "title": row.title,
        "what": row.what,
        "as_they_are": row.learnt.first.to_json(),
        "unseen": row.unseen.second.to_json(),
        "learnt": row.learnt.second.to_json(),
        "can_be_told": row.can_be_told,
        "resists": row.resists,
    }
