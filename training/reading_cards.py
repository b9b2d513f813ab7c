"""What a page shows of a prediction: where each character was read, how surely, what else it could be."""

from dataclasses import dataclass

from training.models import Prediction

# Below this a person should look.
SURE = 0.9
ALTERNATIVES_SHOWN = 2
DOUBTS_SHOWN = 2


@dataclass(frozen=True)
class CharacterBar:
    """One character over the picture; widths are percentages of the picture's, heights of the bar's."""

    position: int
    text: str
    probability: float
    left: float
    width: float
    alternatives: list[tuple[str, float]]

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
    def is_sure(self) -> bool:
        return self.probability >= SURE


@dataclass(frozen=True)
class ReadingCard:
    """A prediction with its bars."""

    prediction: Prediction
    bars: list[CharacterBar]

    @property
    def is_sure(self) -> bool:
        return self.prediction.confidence >= SURE

    @property
    def doubts(self) -> list[CharacterBar]:
        """The characters that the model was least sure of, the worst first."""
        unsure = [bar for bar in self.bars if not bar.is_sure]
        return sorted(unsure, key=lambda bar: bar.probability)[:DOUBTS_SHOWN]

    @property
    def agreed_text(self) -> str:
        """The text that the picture has as an image of the project; empty while nobody confirmed one."""
        return self.prediction.image.text if self.prediction.image else ""


def reading_card(prediction: Prediction) -> ReadingCard:
    """Lay out a prediction."""
    bars = []
    for position, character in enumerate(prediction.characters, start=1):
        left, right = character["left"], character["right"]
        others = [
            (text, probability)
            for text, probability in character["alternatives"]
            if text != character["text"]
        ]
        bars.append(
            CharacterBar(
                position=position,
                text=character["text"],
                probability=character["probability"],
                left=round(100 * left, 2),
                width=round(100 * max(right - left, 0), 2),
                alternatives=others[:ALTERNATIVES_SHOWN],
            )
        )
    return ReadingCard(prediction, bars)
