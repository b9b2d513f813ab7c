"""The layer for letters whose case does not matter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

NEVER = -1e4
"""A logit that takes no part in a sum of probabilities, within the range of 16 bit floats."""


@keras.saving.register_keras_serializable("captcha_workbench")
class EitherForm(keras.layers.Layer):  # type: ignore[misc]
    """Logits of forms (..., forms) to logits of symbols (..., symbols): a symbol is as probable as its one or two forms
    together. `owners` names the symbol of each form; each symbol has one or two."""

    def __init__(self, owners: Sequence[int], **options: Any) -> None:
        super().__init__(**options)
        self.owners = [int(each) for each in owners]
        places = [np.flatnonzero(np.equal(self.owners, symbol)) for symbol in range(max(self.owners) + 1)]
        self._first = [int(each[0]) for each in places]
        self._second = [int(each[-1]) for each in places]
        self._alone = np.array([NEVER if len(each) == 1 else 0.0 for each in places], np.float32)

    def call(self, logits: Any) -> Any:
        one = ops.take(logits, self._first, axis=-1)
        other = ops.take(logits, self._second, axis=-1) + ops.cast(self._alone, logits.dtype)
        # log(exp(one) + exp(other)), however far apart they are.
        return one + ops.softplus(other - one)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "owners": self.owners}
