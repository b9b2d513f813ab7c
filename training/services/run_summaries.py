"""The figures of runs that lists show, sort and filter by; told anew from the rows each time."""

from django.db.models import F, Max, Q, QuerySet

from training.models import Epoch, Model, Run, RunSummary
from training.recognition.architectures import ARCHITECTURES

POINTS = 40


def summarise_run(pk: int) -> None:
    """Write down what a run's epochs and its model come to; nothing where the run is gone."""
    run = Run.objects.filter(pk=pk).first()
    if run is None:
        return
    metrics = Model.objects.filter(run=run).values_list("metrics", flat=True).first() or {}
    test, validation = metrics.get("test", {}), metrics.get("validation", {})
    follows_positions = (
        run.architecture in ARCHITECTURES and ARCHITECTURES[run.architecture].follows_positions
    )
    epochs = Epoch.objects.filter(run=run)
    best = epochs.aggregate(best=Max("validation_whole_string_accuracy"))["best"]
    RunSummary.objects.update_or_create(
        run=run,
        defaults={
            "points": [list(point) for point in sampled(epochs, POINTS)],
            # Epochs of single positions say nothing of whole texts: then what the model comes to.
            "best": validation.get("whole_string_accuracy") if follows_positions else best,
            "test_accuracy": test.get("whole_string_accuracy"),
            "test_count": test.get("n", 0),
            "test_character_accuracy": test.get("character_accuracy"),
            "coverage": ((test.get("coverage") or {}).get("coverage") or {}).get("share"),
        },
    )


def sampled(epochs: QuerySet[Epoch], points: int) -> QuerySet[Epoch, tuple[int, float]]:
    """Return (number, validation accuracy) of a run's epochs, at most about so many, the last one always among them."""
    last = epochs.aggregate(last=Max("number"))["last"] or 0
    step = -(-last // points) or 1
    rows = epochs.annotate(rest=F("number") % step).filter(Q(rest=0) | Q(number=last))
    return rows.order_by("number").values_list("number", "validation_whole_string_accuracy")
