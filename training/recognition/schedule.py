"""How far a training has come, and the learning rate that belongs there."""

from dataclasses import dataclass
from math import cos, pi

WARM_UP = 0.05
"""Share of the training during which the learning rate rises from zero."""

FINAL = 0.01
"""Share of the learning rate that is left at the end."""


def learning_rate(progress: float, peak: float) -> float:
    """Linear warm-up, then cosine decay: progress 0..1 of the whole training to a rate in (0, peak].

    I. Loshchilov, F. Hutter, "SGDR" (arXiv 1608.03983), without restarts.
    """
    if progress < WARM_UP:
        return peak * max(progress / WARM_UP, FINAL)
    decay = (min(progress, 1.0) - WARM_UP) / (1 - WARM_UP)
    return peak * (FINAL + (1 - FINAL) * 0.5 * (1 + cos(pi * decay)))


@dataclass(frozen=True)
class Budget:
    """How long a training may be, in steps and, where given, in seconds; whichever ends first governs."""

    steps: int
    seconds: float | None

    def progress(self, steps: int, seconds: float) -> float:
        """The share 0..1 of the budget that is spent.

        With a time limit this is the clock itself, so the decay ends with the time whatever the machine's
        speed, also when something else slows it down half-way.
        """
        shares = [steps / self.steps]
        if self.seconds is not None:
            shares.append(seconds / self.seconds)
        return min(1.0, max(shares))

    def seconds_left(self, steps: int, seconds: float, steps_per_second: float) -> float:
        """The estimated rest of the training at the speed measured so far."""
        left = (self.steps - steps) / steps_per_second
        return max(0.0, left if self.seconds is None else min(left, self.seconds - seconds))
