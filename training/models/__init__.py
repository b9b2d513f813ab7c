from labeling.models import Split
from training.models.datasets import DatasetItem, DatasetVersion
from training.models.models import Model, ModelState
from training.models.predictions import Prediction
from training.models.runs import Epoch, Run, RunPart
from training.models.suggesting import AutomaticLoop, SuggestionPass
from training.models.watching import LearningCurve, ValidationReading, ValidationReport, WorkerUse

__all__ = [
    "AutomaticLoop",
    "DatasetItem",
    "DatasetVersion",
    "Epoch",
    "LearningCurve",
    "Model",
    "ModelState",
    "Prediction",
    "Run",
    "RunPart",
    "Split",
    "SuggestionPass",
    "ValidationReading",
    "ValidationReport",
    "WorkerUse",
]
