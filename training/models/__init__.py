from training.models.datasets import DatasetItem, DatasetVersion, Split
from training.models.models import Model, ModelState
from training.models.predictions import Prediction
from training.models.runs import Epoch, Run, RunPart

__all__ = [
    "DatasetItem",
    "DatasetVersion",
    "Epoch",
    "Model",
    "ModelState",
    "Prediction",
    "Run",
    "RunPart",
    "Split",
]
