"""Floating-point operations: of a network, counted, and of the machine, measured."""

from __future__ import annotations

import math
import statistics
import time
from typing import TYPE_CHECKING, Any

from benchmarks.common import sized

if TYPE_CHECKING:
    import keras

MATRIX = sized(2048, 1024)
PRODUCTS = 3


def forward_flops(network: keras.Model) -> int:
    """Multiplications and additions of matrix products and convolutions for one image; the rest is small.

    Raises SystemExit naming a layer with a kernel that it cannot count.
    """
    layers = [each for each in network._flatten_layers(include_self=False) if not hasattr(each, "layers")]
    inside = {id(wrapped) for each in layers for wrapped in _wrapped(each)}
    return 2 * sum(_multiplications(each) for each in layers if id(each) not in inside)


def _wrapped(layer: Any) -> list[Any]:
    """The layers that a recurrent layer counts itself."""
    parts = [getattr(layer, name, None) for name in ("cell", "forward_layer", "backward_layer")]
    found = [part for part in parts if part is not None]
    return found + [inner for part in found for inner in _wrapped(part)]


def _multiplications(layer: Any) -> int:
    from keras import layers

    if isinstance(layer, layers.Bidirectional):
        return _recurrent(layer.forward_layer, layer) + _recurrent(layer.backward_layer, layer)
    if isinstance(layer, layers.RNN):
        return _recurrent(layer, layer)
    if isinstance(layer, (layers.SeparableConv1D, layers.SeparableConv2D)):
        kernels = math.prod(layer.depthwise_kernel.shape) + math.prod(layer.pointwise_kernel.shape)
        return kernels * math.prod(layer.output.shape[1:-1])
    # Each weight of a kernel is used once at each place of the output.
    if isinstance(layer, (layers.Conv1D, layers.Conv2D, layers.DepthwiseConv2D, layers.Dense)):
        return math.prod(layer.kernel.shape) * math.prod(layer.output.shape[1:-1])
    if isinstance(layer, layers.Dot):
        axis = layer.axes if isinstance(layer.axes, int) else layer.axes[0]
        return math.prod(layer.output.shape[1:]) * layer.input[0].shape[axis]
    if any("kernel" in weight.name for weight in layer.weights):
        raise SystemExit(
            f"Cannot count the operations of {layer.name} ({type(layer).__name__}): add it to flops.py."
        )
    return 0


def _recurrent(layer: Any, outer: Any) -> int:
    steps = outer.input.shape[1]
    return steps * sum(math.prod(weight.shape) for weight in layer.weights if "kernel" in weight.name)


class MatrixProducts:
    """Large float32 matrix products in TensorFlow, with as many threads as training has."""

    def __init__(self) -> None:
        import tensorflow as tf

        self.matrix = tf.random.stateless_uniform((MATRIX, MATRIX), seed=(0, 0))
        self.product = tf.function(lambda one: tf.matmul(one, one))
        self.product(self.matrix)

    def flops_per_second(self) -> float:
        """The median of a few products."""
        return statistics.median(self._once() for _ in range(PRODUCTS))

    def _once(self) -> float:
        started = time.perf_counter()
        self.product(self.matrix).numpy()
        return 2 * MATRIX**3 / (time.perf_counter() - started)
