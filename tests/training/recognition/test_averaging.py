import keras
import numpy as np
import pytest

from training.recognition.averaging import AveragingAdamW


def test_the_average_follows_at_once_and_smooths_later() -> None:
    weights = keras.Variable(np.zeros(1, np.float32))
    optimizer = AveragingAdamW(learning_rate=0.1, use_ema=True, ema_momentum=0.9)
    optimizer.build([weights])
    expected = 0.0
    for step in range(200):
        # The momentum is the one before the step is counted.
        momentum = 0.0 if step == 0 else min(0.9, (1 + step) / (10 + step))
        optimizer.apply([np.array([-1.0], np.float32)], [weights])
        expected = momentum * expected + (1 - momentum) * float(np.asarray(weights)[0])
        average = float(np.asarray(optimizer._model_variables_moving_average[0])[0])
        assert average == pytest.approx(expected, rel=1e-4)
