"""What pages show of the rounds in which a run learnt from unlabelled images, from `Run.rounds`."""

from dataclasses import dataclass
from typing import Any

from labeling.intervals import Share
from training.coverage_words import percent
from training.models import Run


@dataclass(frozen=True)
class RoundRow:
    """A round as a line of a table; see `training.recognition.self_training.Round`. Shares are 0..1."""

    number: int
    taken: int
    of: int
    threshold: float
    precision: float
    low: float
    high: float
    agreement: float | None
    validated: Share | None
    missing: str
    ending: str

    @property
    def is_training(self) -> bool:
        """Whether it has pseudo-labels, but has not learnt from them yet."""
        return self.validated is None and not self.ending


def round_rows(run: Run) -> list[RoundRow]:
    """Lay out a run's rounds, the first one first."""
    return [_row(told) for told in run.rounds]


def rounds_version(rounds: list[dict[str, Any]]) -> str:
    """Tell whether rounds are other ones than those that a page shows."""
    return " ".join(f"{told['number']}:{told['seconds']:.3f}" for told in rounds)


def unlabelled_words(run: Run) -> str:
    """Say what a run's model learnt from images that nobody has labelled; empty where that is nothing."""
    kept = [told for told in run.rounds if told["kept"]]
    if not kept:
        return ""
    last = kept[-1]
    return (
        f"It learnt from its own readings of {last['taken']:,} of {last['of']:,} unlabelled images, too, in "
        f"{len(kept)} round{'s' if len(kept) > 1 else ''}; about {percent(last['estimated_precision'])} of these "
        f"readings were right ({percent(last['low'])} to {percent(last['high'])}), by an estimate that nobody has "
        "checked by eye."
    )


def _row(told: dict[str, Any]) -> RoundRow:
    accuracy, n = told["accuracy"], told["validated_on"]
    return RoundRow(
        number=told["number"],
        taken=told["taken"],
        of=told["of"],
        threshold=told["threshold"],
        precision=told["estimated_precision"],
        low=told["low"],
        high=told["high"],
        agreement=told["agreement"],
        validated=None if accuracy is None else Share(round(accuracy * n), n),
        missing=told["missing"],
        ending=told["ending"],
    )
