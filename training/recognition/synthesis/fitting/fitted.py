"""What fitting comes to, and who may watch it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from training.recognition.synthesis.style import Style


@dataclass(frozen=True)
class Finding:
    """A measured value: its name in code, the value as plain JSON, and a sentence for people."""

    name: str
    value: Any
    sentence: str


@dataclass(frozen=True)
class FontScore:
    """A font, how well its glyphs explain the characters (mean correlation, -1..1) and its share in the style 0..1."""

    name: str
    score: float
    weight: float


@dataclass(frozen=True)
class Giveaway:
    """A property by which drawn pictures can be told from real ones.

    accuracy: of this property alone, 0..1; real and drawn: its means; sentence: all that for people.
    """

    name: str
    accuracy: float
    real: float
    drawn: float
    sentence: str


@dataclass(frozen=True)
class Closeness:
    """How well real and drawn pictures can be told apart.

    accuracy: 0..1 with its 95 % interval on `n` pictures, where 0.5 is a coin's. giveaways: the strongest first. where:
    accuracy of each place by itself, float32 (h, w), 0.5..1.
    """

    accuracy: float
    low: float
    high: float
    n: int
    giveaways: tuple[Giveaway, ...]
    where: NDArray[np.float32]

    def to_json(self) -> dict[str, Any]:
        """Everything as plain JSON, `where` in rows of thousandths."""
        return {
            "accuracy": self.accuracy,
            "low": self.low,
            "high": self.high,
            "n": self.n,
            "giveaways": [vars(each) for each in self.giveaways],
            "where": np.rint(self.where * 1000).astype(int).tolist(),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Closeness:
        """What `to_json` wrote."""
        giveaways = tuple(Giveaway(**each) for each in data["giveaways"])
        where = (np.array(data["where"], np.float32) / 1000).astype(np.float32)
        return cls(data["accuracy"], data["low"], data["high"], data["n"], giveaways, where)


@dataclass(frozen=True)
class FittedStyle:
    """A style that pictures are in, the fonts that were compared, the best first, what was measured, and how close what
    it draws comes to the real ones. `seconds` is how long that took."""

    style: Style
    fonts: tuple[FontScore, ...]
    findings: tuple[Finding, ...]
    closeness: Closeness
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Everything as plain JSON."""
        return {
            "style": self.style.to_json(),
            "fonts": [vars(each) for each in self.fonts],
            "findings": [vars(each) for each in self.findings],
            "closeness": self.closeness.to_json(),
            "seconds": self.seconds,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> FittedStyle:
        """What `to_json` wrote."""
        return cls(
            Style.from_json(data["style"]),
            tuple(FontScore(**each) for each in data["fonts"]),
            tuple(Finding(**each) for each in data["findings"]),
            Closeness.from_json(data["closeness"]),
            data["seconds"],
        )


class FittingListener(Protocol):
    """Whoever watches a fit; called in its thread, so answers must be quick."""

    def on_stage(self, sentence: str, share: float) -> None:
        """What is being done, and the share 0..1 of the whole that is."""

    def on_share(self, share: float) -> None:
        """Only the share."""

    def should_stop(self) -> bool:
        """Whether to end soon with what has been found so far."""
        ...


class SilentFittingListener:
    """Watches nothing and never stops."""

    def on_stage(self, sentence: str, share: float) -> None: ...

    def on_share(self, share: float) -> None: ...

    def should_stop(self) -> bool:
        return False
