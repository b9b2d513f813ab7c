"""The curves of several runs over the same epochs, with a bounded number of points each."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q

from training.models import Epoch, Run

POINTS = 500
COLUMNS = {
    "validation_accuracy": "validation_whole_string_accuracy",
    "validation_characters": "validation_character_accuracy",
    "accuracy": "whole_string_accuracy",
    "validation_loss": "validation_loss",
    "loss": "loss",
}
"""Names in the answer, and the columns they come from."""


def run_curves(runs: Sequence[Run]) -> dict[str, Any]:
    """Return `epochs` (ascending, of all runs together) and per run number and name its values, None where it has none.

    Where there are many epochs, every so many-th is taken, the same ones of all runs so that no curve has gaps, and the
    last ones: one query, at most about `POINTS` rows per run.
    """
    last = [run.epoch for run in runs]
    step = max(last, default=0) // POINTS + 1
    rows = (
        Epoch.objects.filter(run__in=runs)
        .annotate(rest=F("number") % step)
        .filter(Q(rest=0) | Q(number__in=last))
        .values_list("run", "number", *COLUMNS.values())
    )
    points = {(run, number): values for run, number, *values in rows}
    epochs = sorted({number for _, number in points})
    return {
        "epochs": epochs,
        "runs": {
            str(run.number): {
                name: [
                    points[run.pk, epoch][index] if (run.pk, epoch) in points else None for epoch in epochs
                ]
                for index, name in enumerate(COLUMNS)
            }
            for run in runs
        },
    }
