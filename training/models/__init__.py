from labeling.models import Split
from training.models.batches import BatchUpload, ReadingBatch, Webhook, WebhookDelivery
from training.models.datasets import DatasetItem, DatasetVersion
from training.models.fonts import UploadedFont
from training.models.label_free import AskedImage, LabelFree
from training.models.models import Model, ModelState
from training.models.predictions import Look, Prediction, ReadingDay, Verdict
from training.models.promotions import Promotion, PromotionKind, PromotionRule, Rule
from training.models.readings import ModelReadings
from training.models.runs import Epoch, Run, RunPart, Teaching
from training.models.searches import Pruner, Search
from training.models.strength import StrengthReport
from training.models.suggesting import STARTER_NUMBER, AutomaticLoop, StarterSwitch, SuggestionPass
from training.models.summaries import RunSummary
from training.models.watching import LearningCurve, ValidationReading, ValidationReport, WorkerUse

__all__ = [
    "STARTER_NUMBER",
    "AskedImage",
    "AutomaticLoop",
    "BatchUpload",
    "DatasetItem",
    "DatasetVersion",
    "Epoch",
    "LabelFree",
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
    "StarterSwitch",
    "StrengthReport",
    "SuggestionPass",
    "Teaching",
    "UploadedFont",
    "ValidationReading",
    "ValidationReport",
    "Verdict",
    "Webhook",
    "WebhookDelivery",
    "WorkerUse",
]
