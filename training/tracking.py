"""How a project's models do in daily use: what was read day by day, and whether it is time to train again."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import cached_property

from django.utils import timezone

from labeling.intervals import Share, wilson_interval
from labeling.models import Project
from training.coverage_words import percent
from training.models import Model, ReadingDay, Split
from training.recognition.coverage import Coverage
from training.services.family import family_test

DAYS_SHOWN = 30
DAYS_JUDGED = 14

FEWEST_READINGS = 100
FEWEST_DAYS = 3
"""With less than this, nothing is said: a trend takes several days."""

Z_99 = 2.5758293035489004


@dataclass(frozen=True)
class Tally:
    """What came of readings: how many there were, the sum of their confidences, how many of them wanted a person's
    look and why, how many people checked and how many of these were wrong."""

    count: int = 0
    confidence: float = 0.0
    unsure: int = 0
    other_family: int = 0
    checked: int = 0
    corrected: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    @property
    def mean_confidence(self) -> float:
        """0..1; 0 of nothing."""
        return self.confidence / self.count if self.count else 0.0

    @property
    def sure_share(self) -> Share:
        return Share(self.count - self.unsure - self.other_family, self.count)

    @property
    def unsure_share(self) -> Share:
        return Share(self.unsure, self.count)

    @property
    def other_family_share(self) -> Share:
        return Share(self.other_family, self.count)

    @property
    def corrected_share(self) -> Share:
        """Wrong of those that people checked. They look where they doubt, so it is more than is wrong of all."""
        return Share(self.corrected, self.checked)

    @property
    def known_wrong(self) -> Share:
        """Wrong of all readings as far as anybody knows: at least so many are."""
        return Share(self.corrected, self.count)


@dataclass(frozen=True)
class Day:
    """One day of the chart."""

    day: date
    tally: Tally


@dataclass(frozen=True)
class Advice:
    """Whether to train again, in a sentence, and why, in one or more."""

    retrain: bool
    headline: str
    reasons: list[str]


@dataclass(frozen=True)
class Tracking:
    """The last DAYS_SHOWN days of all of a project's models, and what those of the present one say about it."""

    days: list[Day]
    advice: Advice

    @cached_property
    def total(self) -> Tally:
        return sum((day.tally for day in self.days), Tally())


def tracking(project: Project, production: Model | None) -> Tracking | None:
    """Gather what was read lately: one query. None for a project without a production model or readings."""
    if production is None:
        return None
    today = timezone.localdate()
    first = today - timedelta(days=DAYS_SHOWN - 1)
    shown: dict[date, Tally] = defaultdict(Tally)
    own: dict[date, Tally] = {}
    for row in ReadingDay.objects.filter(model__project=project, day__gte=first):
        read = Tally(*(getattr(row, each.name) for each in fields(Tally)))
        shown[row.day] += read
        if row.model_id == production.pk:
            own[row.day] = read
    if not shown:
        return None
    days = [Day(day, shown.get(day, Tally())) for day in (first + timedelta(n) for n in range(DAYS_SHOWN))]
    judged = [read for day, read in own.items() if day > today - timedelta(days=DAYS_JUDGED)]
    return Tracking(days, advise(production, judged))


def advise(model: Model, days: Sequence[Tally]) -> Advice:
    """Say whether a model should be trained again, from what it read on each of the last days.

    What it reads now is compared with what it read in the test images when it was made, in three ways: how many are
    strangers, how many are unsure, how many are known to be wrong. A share has risen where its 99 % interval lies above
    that of the test images as a whole, also without the day that speaks most for it: one odd day is no trend.
    """
    total = sum(days, Tally())
    busy = [day for day in days if day.count]
    if total.count < FEWEST_READINGS or len(busy) < FEWEST_DAYS:
        return Advice(
            False,
            "Too early to tell whether to train again.",
            [
                f"In the last {DAYS_JUDGED} days, {model} read {total.count:,} images on {len(busy)} days. From "
                f"{FEWEST_READINGS} images on {FEWEST_DAYS} days on, that is compared with its test images."
            ],
        )
    reasons = [reason for signal in _signals(model) if (reason := signal.reason(busy))]
    if reasons:
        return Advice(True, "Train again.", reasons)
    return Advice(
        False,
        "Nothing speaks for training again.",
        [
            f"What {model} read in the last {DAYS_JUDGED} days does not differ from what it read in its test images "
            "by more than chance explains."
        ],
    )


@dataclass(frozen=True)
class _Signal:
    """A share of readings that was measured when the model was made (`expected`), and what it means when it rises."""

    shares: str
    expected: Share
    meaning: str
    remedy: str

    def reason(self, days: Sequence[Tally]) -> str:
        """Why to train again; empty where the share has not risen."""
        # The day that speaks most for it comes first.
        shares = sorted((getattr(day, self.shares) for day in days), key=self._excess, reverse=True)
        found = _total(shares)
        if not (self._is_higher(found) and self._is_higher(_total(shares[1:]))):
            return ""
        return (
            f"{percent(found.value)} of {found.n:,} readings in the last {DAYS_JUDGED} days {self.meaning}; of "
            f"{self.expected.n:,} test images {percent(self.expected.value)}. {self.remedy}"
        )

    def _is_higher(self, found: Share) -> bool:
        if not found.n or not self.expected.n:
            return False
        low = wilson_interval(found.count, found.n, Z_99).low
        return low > wilson_interval(self.expected.count, self.expected.n, Z_99).high

    def _excess(self, found: Share) -> float:
        return found.count - found.n * self.expected.value


def _signals(model: Model) -> list[_Signal]:
    """What can be compared: older models were measured without some of it."""
    test = model.metrics.get(Split.TEST, {})
    signals = []
    if strangers := family_test(model.metrics):
        signals.append(
            _Signal(
                "other_family_share",
                strangers.flagged,
                "were not of this family",
                "If such images belong to the project, label some of them and train again; else see where they come "
                "from.",
            )
        )
    if test.get("coverage"):
        tested = Coverage.from_json(test["coverage"])
        signals.append(
            _Signal(
                "unsure_share",
                Share(tested.n - tested.accepted, tested.n),
                "were unsure",
                "Label some of the unsure ones and train again.",
            )
        )
    if "right" in test:
        signals.append(
            _Signal(
                "known_wrong",
                Share(test["n"] - test["right"], test["n"]),
                "were corrected by people, who have not even checked all",
                "The corrections are labels already: train again with them.",
            )
        )
    return signals


def _total(shares: Iterable[Share]) -> Share:
    found = list(shares)
    return Share(sum(share.count for share in found), sum(share.n for share in found))
