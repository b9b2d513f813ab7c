"""The one place that knows which Keras backend runs: TensorFlow, unless KERAS_BACKEND says otherwise."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def load_keras() -> Any:
    """The Keras module, imported on first use (seconds), with TensorFlow as its default backend and quiet
    logs."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    return keras


def compile_for_training(model: keras.Model, optimizer: Any, loss: Any) -> None:
    """Compiles a model for `train_on_batch`.

    XLA is left off on TensorFlow: on CPUs its convolutions are slower than oneDNN's (1.85 against 1.33 ms per
    image measured for the `slots` network) and its compilation takes seconds.
    """
    jit_compile = False if load_keras().backend.backend() == "tensorflow" else "auto"
    model.compile(optimizer=optimizer, loss=loss, jit_compile=jit_compile)
