"""What reading costs, without building a network: counted once for each architecture at its defaults."""

from collections.abc import Mapping
from typing import Any

from training.recognition.architectures.base import Architecture
from training.recognition.task import ReadingTask

TRAINING = 3
"""A training step costs about this many forward passes: forward, and backward to the inputs and to the weights
(J. Kaplan et al., "Scaling laws for neural language models", arXiv 2001.08361, section 2.1)."""

SHARE_OF_PEAK = 0.34
"""What training the default network reaches of a machine's large matrix products, as `make bench-speed` measures."""

PER_PIXEL: Mapping[str, float] = {
    "slots": 7791,
    "ctc": 7790,
    "tiny_vgg": 2258,
    "two_conv": 10895,
    "letter_cnn": 1658,
    "multi_head": 133517,
    "position_ensemble": 83535,
}
"""Multiplications and additions per pixel of an input at the defaults, as `benchmarks.speed.flops` counts them; of the
ensemble, those of one position's network."""


def operations(
    architecture: Architecture, task: ReadingTask, hyperparameters: Mapping[str, Any] | None = None
) -> float:
    """Multiplications and additions for one input, in proportion to its pixels: a guide, exact at the defaults."""
    height, width, _ = architecture.input_shape(task, hyperparameters)
    return PER_PIXEL[architecture.name] * height * width
