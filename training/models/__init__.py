from labeling.models import Split
from training.models.datasets import DatasetItem, DatasetVersion
from training.models.models import Model, ModelState
from training.models.predictions import Prediction, ReadingDay
from training.models.runs import Epoch, Run, RunPart
from training.models.searches import Pruner, Search
from training.models.suggesting import AutomaticLoop, SuggestionPass

__all__ = [
    "AutomaticLoop",
    "DatasetItem",
    "DatasetVersion",
    "Epoch",
    "Model",
    "ModelState",
    "Prediction",
    "Pruner",
    "ReadingDay",
    "Run",
    "RunPart",
    "Search",
    "Split",
    "SuggestionPass",
]
