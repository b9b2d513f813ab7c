"""Reports of what a run reads in its validation images, as its training leaves them."""

from typing import Any

from training.models import Run, Split
from training.recognition.fit import EpochMetrics, Validated
from training.recognition.metrics import evaluate
from training.services.validation_reports import ReadImage, write_report


def add_report(run: Run, misread: dict[int, str], *, epoch: int | None = 3) -> list[ReadImage]:
    """Report on a run's validation images; `misread` says what was read in those at some places in their order."""
    items = run.dataset.items.filter(split=Split.VALIDATION).order_by("id")
    read = [
        ReadImage(item.image_id, item.text, misread.get(place, item.text), 0.9, 2.0 - place / 100)
        for place, item in enumerate(items)
    ]
    read.sort(key=lambda each: each.is_right)
    evaluation = evaluate(
        [each.truth for each in read], [each.text for each in read], confidences=[0.9] * len(read)
    )
    assert write_report(run=run, epoch=epoch, evaluation=evaluation, worst_first=read)
    return read


def validated(run: Run, readings: dict[int, str], epoch: int = 1, *, best: bool = True) -> Validated:
    """What a training says after an epoch; `readings` as `misread` above."""
    texts = list(
        run.dataset.items.filter(split=Split.VALIDATION).order_by("id").values_list("text", flat=True)
    )
    read = [readings.get(place, text) for place, text in enumerate(texts)]
    losses = [3.0 if place in readings else 0.1 for place in range(len(texts))]
    return Validated(metrics(epoch, best=best), texts, read, [0.8] * len(texts), losses)


def metrics(epoch: int, **changes: Any) -> EpochMetrics:
    values: dict[str, Any] = {
        "loss": 1 / epoch, "training_whole_string_accuracy": 0.8, "training_character_accuracy": 0.9,
        "validation_loss": 1.1 / epoch, "whole_string_accuracy": 0.7, "character_accuracy": 0.85,
        "learning_rate": 0.001, "seconds": 2.0 * epoch, "best": True,
    }  # fmt: skip
    return EpochMetrics(epoch=epoch, **(values | changes))
