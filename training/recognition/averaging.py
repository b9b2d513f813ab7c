"""An optimizer that keeps an average of the weights, which follows quickly at first and smooths later."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


class AveragingAdamW(keras.optimizers.AdamW):  # type: ignore[misc]
    """AdamW with an exponential moving average of the weights whose momentum grows with the steps.

    After t steps the momentum is min(`ema_momentum`, (1 + t) / (10 + t)), as TensorFlow's ExponentialMovingAverage
    has it for `num_updates`. With a constant momentum the average of the first epochs would still be that of the
    random start, so whoever watches would see nothing learnt for a dozen epochs.
    """

    @property
    def ema_momentum(self) -> Any:
        steps = ops.cast(self.iterations, "float32")
        return ops.minimum(self._greatest_momentum, (1.0 + steps) / (10.0 + steps))

    @ema_momentum.setter
    def ema_momentum(self, value: float) -> None:
        self._greatest_momentum = value
