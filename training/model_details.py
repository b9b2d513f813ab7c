"""What the page of a model shows of how right it is, from `Model.metrics`; older rows lack the newer keys."""

from dataclasses import dataclass
from typing import Any

from labeling.intervals import Share
from training.coverage_words import NOT_MEASURED, CoverageWords, coverage_words
from training.models import Model
from training.recognition.confusion import Confusion, Mistake
from training.recognition.coverage import Coverage
from training.services.evaluation import chosen_coverage

MISTAKES_SHOWN = 20


@dataclass(frozen=True)
class ReliabilityBar:
    """A bin of the reliability diagram: what was said and what was right. Places are percentages of the plot, from its
    left and from its top."""

    low: float
    high: float
    mean_confidence: float
    right: Share

    @property
    def left(self) -> float:
        return round(100 * self.low, 2)

    @property
    def width(self) -> float:
        return round(100 * (self.high - self.low), 2)

    @property
    def centre(self) -> float:
        return round(100 * self.mean_confidence, 2)

    @property
    def top(self) -> float:
        return round(100 - 100 * self.right.value, 2)

    @property
    def height(self) -> float:
        return round(100 * self.right.value, 2)

    @property
    def interval_top(self) -> float:
        return round(100 - 100 * self.right.interval.high, 2)

    @property
    def interval_bottom(self) -> float:
        return round(100 - 100 * self.right.interval.low, 2)


@dataclass(frozen=True)
class Position:
    """How right one position is; `right` is None where an older version kept the share alone."""

    number: int
    share: float
    right: Share | None


@dataclass(frozen=True)
class ModelDetails:
    """How right a model is on its test images. Parts that it was not measured for are None or empty."""

    test: dict[str, Any]
    validation: dict[str, Any]
    coverage: CoverageWords
    positions: list[Position]
    characters: list[tuple[str, Share]]
    mistakes: list[Mistake]
    calibration_error: float | None
    reliability: list[ReliabilityBar]

    @property
    def is_old(self) -> bool:
        """Whether a version measured the model that did not know all of this yet."""
        return bool(self.test) and "confusion" not in self.test


def model_details(model: Model) -> ModelDetails:
    """Lay out a model's metrics."""
    test, validation = model.metrics.get("test", {}), model.metrics.get("validation", {})
    calibration = test.get("calibration") or {}
    confusion = Confusion.from_json(test.get("confusion", []))
    return ModelDetails(
        test=test,
        validation=validation,
        coverage=_coverage(model.metrics),
        positions=position_shares(test),
        characters=list(confusion.characters().items()),
        mistakes=confusion.most_confused(MISTAKES_SHOWN),
        calibration_error=calibration.get("expected_calibration_error"),
        reliability=reliability_bars(calibration),
    )


def reliability_bars(calibration: dict[str, Any]) -> list[ReliabilityBar]:
    """Lay out what `training.recognition.metrics.Calibration.to_json` wrote."""
    return [
        ReliabilityBar(
            low=each["low"],
            high=each["high"],
            mean_confidence=each["mean_confidence"],
            right=Share(each["right"], each["n"]),
        )
        for each in calibration.get("bins", [])
    ]


def _coverage(metrics: dict[str, Any]) -> CoverageWords:
    chosen, tested = chosen_coverage(metrics), metrics.get("test", {}).get("coverage")
    if chosen is None or not tested:
        return CoverageWords("How much can be read unattended is not known.", NOT_MEASURED)
    return coverage_words(chosen, Coverage.from_json(tested))


def position_shares(test: dict[str, Any]) -> list[Position]:
    """Lay out how right each position is in an evaluation's JSON."""
    shares: list[Share | None] = [Share(each["count"], each["n"]) for each in test.get("positions", [])]
    accuracies = test.get("position_accuracies", [])
    shares = shares or [None] * len(accuracies)
    return [
        Position(number, accuracy, share)
        for number, (accuracy, share) in enumerate(zip(accuracies, shares, strict=True), start=1)
    ]
