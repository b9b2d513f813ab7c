"""Growing a random forest on slices, and reading with it."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier

from training.recognition.architectures.base import Architecture
from training.recognition.architectures.random_forest import RandomForest, RandomForestHyperparameters
from training.recognition.batches import balancing_weights, epoch_order
from training.recognition.decoding.decoded import SMALLEST_PROBABILITY
from training.recognition.fit import FitRequest, FitResult
from training.recognition.onnx_graph import OPSET, GraphWriter
from training.recognition.progress import BatchProgress, Ending, EpochMetrics, Validated
from training.recognition.task import ReadingTask
from training.recognition.trained import TrainedModel
from training.recognition.validating import read_validation

SAMPLE = 64
"""Training images that are read again for the metrics."""

STEPS = 20
"""A forest grows in so many steps; behind each it can be looked at, and stopped."""

LOOK_SHARE = 0.02
"""Of the time that growing takes, so much may go into looking at what the trees so far read."""

FIRST_LOOK_SECONDS = 0.05
"""What the first look is expected to take; each later one as long as the one before it."""


def fit_forest(architecture: RandomForest, request: FitRequest) -> FitResult:
    """`fit_reader` for a forest. There is nothing to resume, for it takes seconds, or a few minutes at most.

    One that is stopped, or whose time is out, keeps the trees that it has.
    """
    chosen = request.hyperparameters
    assert isinstance(chosen, RandomForestHyperparameters)
    started = time.perf_counter()
    train, trees = request.train, chosen.trees
    inputs = train.pictures.reshape(len(train) * train.parts, -1)
    encoded = request.task.encode_all(train.texts).reshape(-1, 1)
    weights = balancing_weights(encoded, len(request.task.alphabet), chosen.balance)
    order = epoch_order(len(inputs), weights, np.random.default_rng(request.seed))
    # With a warm start, steps grow the very trees that a single one would.
    forest = RandomForestClassifier(
        max_depth=chosen.depth, random_state=request.seed, n_jobs=-1, warm_start=True
    )
    model = TrainedForest(forest, request.task, architecture)
    pixels = inputs[order].astype(np.float32) / np.float32(255)
    ending = _grow(model, pixels, encoded[order, 0], trees, request, started)
    validated = _validated(model, request, time.perf_counter() - started)
    metrics = validated.metrics
    request.listener.on_epoch(metrics)
    if request.on_validation is not None:
        request.on_validation(validated)
    return FitResult(model, (metrics,), metrics, ending, metrics.seconds)


def _grow(
    model: TrainedForest,
    pixels: NDArray[np.float32],
    classes: NDArray[np.int64],
    trees: int,
    request: FitRequest,
    started: float,
) -> Ending:
    """Grows trees from pixels (m, height * width) and classes (m,) until all are there, or something ends it."""
    steps = min(STEPS, trees)
    looked_for, expected = 0.0, FIRST_LOOK_SECONDS
    for step in range(1, steps + 1):
        grown = trees * step // steps
        model.forest.set_params(n_estimators=grown)
        model.forest.fit(pixels, classes)
        seconds = time.perf_counter() - started
        request.listener.on_batch(_progress(step, steps, seconds, request))
        if step == steps:
            break
        if request.listener.should_stop():
            return "stopped"
        if request.seconds is not None and seconds >= request.seconds:
            return "out of time"
        if request.on_validation is not None and looked_for + expected <= LOOK_SHARE * seconds:
            request.on_validation(
                _look(model, request, seconds, f"The first {grown} of {trees} trees read so far.")
            )
            expected = time.perf_counter() - started - seconds
            looked_for += expected
    return "finished"


def _progress(step: int, steps: int, seconds: float, request: FitRequest) -> BatchProgress:
    left = seconds * (steps - step) / step
    share = step / steps
    if request.seconds is not None:
        left = min(left, max(0.0, request.seconds - seconds))
        share = max(share, min(1.0, seconds / request.seconds))
    return BatchProgress(
        epoch=1,
        batch=step,
        batches=steps,
        loss=None,
        progress=share,
        seconds=seconds,
        seconds_left=left,
        images_per_second=len(request.train) * step / steps / max(seconds, 1e-9),
    )


def _look(model: TrainedForest, request: FitRequest, seconds: float, so_far: str) -> Validated:
    """What a forest reads that still grows: no epoch has ended yet."""
    validated = _validated(model, request, seconds)
    return replace(validated, metrics=replace(validated.metrics, epoch=0), so_far=so_far)


def _validated(model: TrainedForest, request: FitRequest, seconds: float) -> Validated:
    """The one epoch of a forest; its training images are those it knows by heart."""
    known = read_validation(model, request.train.take(range(min(SAMPLE, len(request.train)))))
    read = read_validation(model, request.validation)
    return read.told(
        EpochMetrics(
            epoch=1,
            loss=known.loss,
            training_whole_string_accuracy=known.whole_string_accuracy,
            training_character_accuracy=known.character_accuracy,
            validation_loss=read.loss,
            whole_string_accuracy=read.whole_string_accuracy,
            character_accuracy=read.character_accuracy,
            learning_rate=0.0,
            seconds=seconds,
            best=True,
        )
    )


class TrainedForest(TrainedModel):
    """A grown forest; its logits are the logarithms of its votes."""

    def __init__(self, forest: RandomForestClassifier, task: ReadingTask, architecture: Architecture) -> None:
        super().__init__(task, architecture)
        self.forest = forest

    @property
    def parameter_count(self) -> int:
        """The trees' questions and answers."""
        return sum(int(tree.tree_.node_count) for tree in self.forest.estimators_)

    def _classes_of_votes(self) -> NDArray[np.float32]:
        """Which class each column of votes is for: (classes met in training, classes of the task)."""
        classes: NDArray[np.float32] = np.eye(self.task.classes, dtype=np.float32)[self.forest.classes_]
        return classes

    def input_logits(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        votes = self.forest.predict_proba(inputs.reshape(len(inputs), -1)).astype(np.float32)
        votes = votes @ self._classes_of_votes()
        logits: NDArray[np.float32] = np.log(np.maximum(votes, np.float32(SMALLEST_PROBABILITY)))
        one_step: NDArray[np.float32] = np.expand_dims(logits, axis=1)
        return one_step

    def to_onnx(self) -> onnx.ModelProto:
        from skl2onnx import to_onnx
        from skl2onnx.common.data_types import FloatTensorType

        height, width, channels = self.architecture.input_shape(self.task)
        pixels = height * width * channels
        votes = to_onnx(
            self.forest,
            initial_types=[("pixels", FloatTensorType([None, pixels]))],
            options={"zipmap": False},
            target_opset={"": OPSET, "ai.onnx.ml": 3},
        )
        graph = GraphWriter()
        pictures = graph.input("picture", onnx.TensorProto.FLOAT, ["slices", height, width, channels])
        _, shares = graph.include(votes, graph.call("Reshape", pictures, graph.int64([-1, pixels])))
        of_classes = graph.call("MatMul", shares, graph.float32(self._classes_of_votes()))
        logits = graph.call("Log", graph.call("Max", of_classes, graph.float32(SMALLEST_PROBABILITY)))
        one_step = graph.call("Unsqueeze", logits, graph.int64([1]))
        graph.output("logits", one_step, onnx.TensorProto.FLOAT, ["slices", 1, self.task.classes])
        return graph.model(self.architecture.name, {})

    def save(self, folder: Path) -> None:
        """A forest has no safe format of its own: pickle runs code when loaded. The ONNX file is the model."""
