"""The baseline without a network: a random forest over the pixels of a slice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from training.recognition.architectures.base import Architecture, Shape
from training.recognition.architectures.hyperparameters import Hyperparameters, number
from training.recognition.task import ReadingTask

if TYPE_CHECKING:
    from training.recognition.fit import FitRequest, FitResult


@dataclass(frozen=True)
class RandomForestHyperparameters(Hyperparameters):
    """A forest knows no steps, rates or augmentation; of a network's choices it has the class balance alone."""

    balance: float = number(
        1.0,
        0.0,
        1.0,
        "Class balance",
        "How far rare characters are shown more often: 0 as they come, 1 all equally often.",
    )
    trees: int = number(100, 1, 2_000, "Trees", "Decision trees, each grown on its own random sample.")
    depth: int = number(20, 1, 100, "Depth", "Most questions from a tree's root to a leaf.")


class RandomForest(Architecture):
    """Decision trees on bootstrap samples that vote (L. Breiman, "Random Forests", 2001), from scikit-learn."""

    name = "random_forest"
    title = "Random forest"
    summary = (
        "Reads one slice per character at 60 by 60 pixels in grey with decision trees instead of a network, within "
        "seconds. Train it beside the letter CNN to see what the network adds."
    )
    source = (
        "The baseline of the published letter recipe; scikit-learn's RandomForestClassifier, 100 trees as is its "
        "default."
    )
    needs_slices = True
    # A pixel on a tree's edge may turn its one vote.
    export_tolerance = 0.05
    parameters = "nodes of its trees"
    hyperparameters = RandomForestHyperparameters

    def input_shape(self, task: ReadingTask, hyperparameters: Mapping[str, Any] | None = None) -> Shape:
        return (60, 60, 1)

    def epochs(self, images: int, hyperparameters: Hyperparameters | None = None) -> int:
        return 1

    def fit(self, request: FitRequest) -> FitResult:
        from training.recognition.forest_fit import fit_forest

        return fit_forest(self, request)
