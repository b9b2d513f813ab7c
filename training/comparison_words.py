"""What a comparison comes to, in plain words: for pages and the API."""

from dataclasses import dataclass

from training.comparison import LeftOut, SharedImages
from training.recognition.comparison import PairedComparison, fewest_to_differ


@dataclass(frozen=True)
class Verdict:
    """Which of two is better: one sentence, and what it rests on. `better` is 1, 2, or 0 where chance may be all."""

    better: int
    headline: str
    evidence: str

    def __str__(self) -> str:
        return f"{self.headline} {self.evidence}"


def verdict(first: str, second: str, pair: PairedComparison) -> Verdict:
    """Tell whether the first or the second reads more of the same images right; `first` and `second` are names as in
    “Run 7”."""
    if not pair.n:
        return Verdict(
            0, f"{first} and {second.lower()} share no test images, so they cannot be compared.", ""
        )
    differing = pair.first_only + pair.second_only
    if not differing:
        return Verdict(
            0,
            f"{first} and {second.lower()} read the very same images right: they cannot be told apart.",
            _difference(pair),
        )
    # Whoever reads more of them right comes first.
    more, less, swapped = (first, second, pair.second_only > pair.first_only)
    gained, lost = pair.first_only, pair.second_only
    if swapped:
        more, less, gained, lost = second, first, lost, gained
    counts = (
        f"{more} reads {_images(gained)} right that {less.lower()} does not, the other way round {lost:,}; "
        f"such a difference would come by chance in {chance_words(pair.p_value)} of cases"
    )
    if pair.is_shown:
        return Verdict(2 if swapped else 1, f"{counts}: {more.lower()} is better.", _difference(pair))
    hint = ""
    if differing < fewest_to_differ():
        hint = (
            f" Only {_images(differing)} can tell them apart, and it takes at least {fewest_to_differ()}: "
            "more test images would help."
        )
    return Verdict(0, f"{counts}: they cannot be told apart.", f"{_difference(pair)}{hint}")


def left_out_words(left_out: LeftOut) -> list[str]:
    """Say how many test images are not compared and why, a sentence for each reason."""
    reasons = (
        (left_out.used, "because one of the runs was trained on {them} or chose its best epoch by {them}"),
        (left_out.missing, "because {they} not in the dataset versions of all these runs"),
        (left_out.unread, "because not all of the models have read {them}"),
    )
    return [
        f"{_images(count)} left out {reason.format(**_pronouns(count))}."
        for count, reason in reasons
        if count
    ]


def shared_words(shared: SharedImages) -> str:
    """Say by how many images runs are compared."""
    whole = shared.n + shared.left_out.total
    if not whole:
        return "There are no test images to compare by."
    return f"Compared by {shared.n:,} of {whole:,} test images: those that are test images for all of them."


def _difference(pair: PairedComparison) -> str:
    low, high = 100 * pair.interval.low, 100 * pair.interval.high
    if pair.difference < 0:
        low, high = -high, -low
    return (
        f"The difference is {abs(100 * pair.difference):.1f} percentage points "
        f"(95 % interval {low:.1f} to {high:.1f}, n = {pair.n:,})."
    )


def chance_words(p_value: float) -> str:
    """Write a chance 0..1 as a percentage that never reads as impossible."""
    share = 100 * p_value
    if share < 0.1:
        return "fewer than 0.1 %"
    return f"{share:.1f} %" if share < 99.95 else "100 %"


def _images(count: int) -> str:
    return f"{count:,} image{'' if count == 1 else 's'}"


def _pronouns(count: int) -> dict[str, str]:
    return {"them": "it", "they": "it is"} if count == 1 else {"them": "them", "they": "they are"}
