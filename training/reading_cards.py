"""What a page shows of a prediction: where each character was read, how surely, what else it could be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from training.models import Model, Prediction, Verdict
from training.recognition.coverage import PRECISION
from training.services.evaluation import chosen_coverage

ALTERNATIVES_SHOWN = 3
DOUBTS_SHOWN = 3
# What is less likely than this is no alternative that anybody would choose.
LIKELY = 0.005


@dataclass(frozen=True)
class CharacterBar:
    """One character over the picture; widths are percentages of the picture's, heights of the bar's."""

    position: int
    text: str
    probability: float
    left: float
    width: float
    alternatives: list[tuple[str, float]]
    is_sure: bool

    @property
    def centre(self) -> float:
        return self.left + self.width / 2

    @property
    def height(self) -> float:
        return 100 * self.probability

    @property
    def top(self) -> float:
        return 100 - self.height

    @property
    def choices(self) -> str:
        """What it could be, the likeliest first, as the correction field steps through it."""
        return "".join([self.text, *(text for text, _ in self.alternatives)])


@dataclass(frozen=True)
class ReadingCard:
    """A prediction with its bars."""

    prediction: Prediction
    bars: list[CharacterBar]
    verdict: Verdict

    @property
    def is_sure(self) -> bool:
        return self.verdict == Verdict.SURE

    @property
    def doubts(self) -> list[CharacterBar]:
        """The characters that the model was least sure of, in reading order; none of a sure reading."""
        unsure = [bar for bar in self.bars if not bar.is_sure and bar.alternatives]
        worst = sorted(unsure, key=lambda bar: bar.probability)[:DOUBTS_SHOWN]
        return sorted(worst, key=lambda bar: bar.position)

    @property
    def agreed_text(self) -> str:
        """The text that the picture has as an image of the project; empty while nobody confirmed one."""
        return self.prediction.image.text if self.prediction.image else ""


def reading_cards(predictions: Sequence[Prediction]) -> list[ReadingCard]:
    """Lay out predictions; one query for what their models call sure."""
    thresholds = _thresholds({prediction.model_id for prediction in predictions})
    return [reading_card(each, thresholds[each.model_id]) for each in predictions]


def reading_card(prediction: Prediction, threshold: float | None) -> ReadingCard:
    """Lay out a prediction.

    Args:
        threshold: from which confidence on its model calls a reading sure; None where it found none.
    """
    # A character is sure where it alone would make no sure reading unsure.
    limit = PRECISION if threshold is None else threshold
    bars = []
    for position, character in enumerate(prediction.characters, start=1):
        left, right = character["left"], character["right"]
        others = [
            (text, probability)
            for text, probability in character["alternatives"]
            if text != character["text"] and probability >= LIKELY
        ]
        bars.append(
            CharacterBar(
                position=position,
                text=character["text"],
                probability=character["probability"],
                left=round(100 * left, 2),
                width=round(100 * max(right - left, 0), 2),
                alternatives=others[:ALTERNATIVES_SHOWN],
                is_sure=character["probability"] >= limit,
            )
        )
    return ReadingCard(prediction, bars, _verdict(prediction, threshold))


def _verdict(prediction: Prediction, threshold: float | None) -> Verdict:
    """Its own, or what that would be for one from before there were verdicts."""
    if prediction.verdict:
        return Verdict(prediction.verdict)
    is_sure = threshold is not None and prediction.confidence >= threshold
    return Verdict.SURE if is_sure else Verdict.UNSURE


def _thresholds(models: Iterable[int]) -> dict[int, float | None]:
    rows = Model.objects.filter(pk__in=models).values_list("pk", "metrics")
    chosen = {pk: chosen_coverage(metrics) for pk, metrics in rows}
    return {pk: coverage.threshold if coverage else None for pk, coverage in chosen.items()}
