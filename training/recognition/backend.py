"""The one place that knows which Keras backend runs: TensorFlow, unless KERAS_BACKEND says otherwise."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
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


def compile_for_training(model: keras.Model, optimizer: Any, loss: Any, **options: Any) -> None:
    """Compiles a model for `train_on_batch`; options are those of Keras's `compile`.

    XLA is left off on TensorFlow: on CPUs its convolutions are slower than oneDNN's (1.85 against 1.33 ms per
    image measured for the `slots` network) and its compilation takes seconds.
    """
    jit_compile = False if load_keras().backend.backend() == "tensorflow" else "auto"
    model.compile(optimizer=optimizer, loss=loss, jit_compile=jit_compile, **options)


def compile_for_use(model: keras.Model) -> None:
    """Compiles a model for `predict_on_batch` alone, without XLA where training has none."""
    compile_for_training(model, optimizer=None, loss=None)


def has_gpu() -> bool:
    """Whether the backend sees a GPU."""
    return bool(_gpus())


def describe_backend() -> dict[str, Any]:
    """What computes here: `backend`, and `devices`, the names of its GPUs; none where the processor computes."""
    return {"backend": load_keras().backend.backend(), "devices": _gpus()}


def _gpus() -> list[str]:
    backend = load_keras().backend.backend()
    if backend == "tensorflow":
        from tensorflow import config

        found = config.list_physical_devices("GPU")
        return [config.experimental.get_device_details(gpu).get("device_name", "GPU") for gpu in found]
    if backend == "jax":
        import jax

        return [device.device_kind for device in jax.devices() if device.platform == "gpu"]
    import torch

    return [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]


def device_count() -> int:
    """How many devices of this process share the batches of a training.

    All of JAX's: its GPUs, or several processors where somebody asked for them. TensorFlow trains on its first one,
    because Keras distributes data on JAX only.
    """
    if load_keras().backend.backend() != "jax":
        return 1
    import jax

    return jax.local_device_count()


@contextmanager
def data_parallel(devices: int) -> Iterator[None]:
    """Networks built inside have a copy on each of so many devices, which see an equal share of every batch; gradients
    are those of the whole batch. `keras.distribution.DataParallel`; a batch's size must be a multiple of `devices`."""
    if devices == 1:
        yield
        return
    distribution = load_keras().distribution
    former = distribution.distribution()
    distribution.set_distribution(distribution.DataParallel(auto_shard_dataset=False))
    try:
        yield
    finally:
        distribution.set_distribution(former)


@contextmanager
def training_precision() -> Iterator[bool]:
    """Networks built inside compute in mixed precision on a GPU; gives whether they do.

    bfloat16 rather than float16: it has float32's range, so no loss has to be scaled. Weights stay float32.
    P. Micikevicius et al., "Mixed Precision Training" (arXiv 1710.03740). The
    environment variable KERAS_PRECISION, "float32" or "mixed_bfloat16", overrides the choice.
    """
    keras = load_keras()
    policy = os.environ.get("KERAS_PRECISION") or ("mixed_bfloat16" if has_gpu() else "float32")
    former = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield policy != "float32"
    finally:
        keras.config.set_dtype_policy(former)
