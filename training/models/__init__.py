from labeling.models import Split
from training.models.batches import BatchUpload, ReadingBatch, Webhook, WebhookDelivery
from training.models.datasets import DatasetItem, DatasetVersion
from training.models.models import Model, ModelState
from training.models.predictions import Look, Prediction, ReadingDay, Verdict
from training.models.promotions import Promotion, PromotionKind, PromotionRule, Rule
from training.models.readings import ModelReadings
from training.models.runs import Epoch, Run, RunPart
from training.models.searches import Pruner, Search
from training.models.suggesting import AutomaticLoop, SuggestionPass
from training.models.summaries import RunSummary
from training.models.watching import LearningCurve, ValidationReading, ValidationReport, WorkerUse

__all__ = [
    "AutomaticLoop",
    "BatchUpload",
    "DatasetItem",
    "DatasetVersion",
    "Epoch",
    "LearningCurve",
    "Look",
    "Model",
    "ModelReadings",
    "ModelState",
    "Prediction",
    "Promotion",
    "PromotionKind",
    "PromotionRule",
    "Pruner",
    "ReadingBatch",
    "ReadingDay",
    "Rule",
    "Run",
    "RunPart",
    "RunSummary",
    "Search",
    "Split",
    "SuggestionPass",
    "ValidationReading",
    "ValidationReport",
    "Verdict",
    "Webhook",
    "WebhookDelivery",
    "WorkerUse",
]
