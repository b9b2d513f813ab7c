"""A run's parameters and figures under the names that other tools show them by."""

from typing import Any

from training.models import Run
from training.recognition.architectures import get_architecture
from training.recognition.fit import EpochMetrics

IN_EVERY_EPOCH = "loss/training"
"""By this figure is told which epochs a record has."""


def parameters_of(run: Run) -> dict[str, Any]:
    """Return what a run was told, its hyper-parameters at their defaults included."""
    architecture = get_architecture(run.architecture)
    return {
        "architecture": run.architecture,
        "seed": run.seed,
        "dataset": run.dataset.number,
        "training_images": run.dataset.train_count,
        "self_training": run.self_training,
        **vars(architecture.parse(run.hyperparameters)),
    }


def figures_of(metrics: EpochMetrics, images_per_second: float | None) -> dict[str, float]:
    """Return an epoch's figures: losses in nats per character, accuracies as shares 0..1."""
    figures = {
        IN_EVERY_EPOCH: metrics.loss,
        "loss/validation": metrics.validation_loss,
        "whole_string_accuracy/training": metrics.training_whole_string_accuracy,
        "whole_string_accuracy/validation": metrics.whole_string_accuracy,
        "character_accuracy/training": metrics.training_character_accuracy,
        "character_accuracy/validation": metrics.character_accuracy,
        "learning_rate": metrics.learning_rate,
    }
    return figures if images_per_second is None else figures | {"images_per_second": images_per_second}
