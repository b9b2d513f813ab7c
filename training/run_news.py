"""What a run's page is told, read from the run's rows: its whole history at once, and what is new since."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from labeling.jobs import ACTIVE_STATES
from training.models import Epoch, Run
from training.run_rounds import rounds_version

STATE_FIELDS = (
    "state", "error", "stage", "progress", "epoch", "epochs_planned",
    "batch", "batches", "images_per_second", "seconds_left",
)  # fmt: skip
EPOCH_FIELDS = (
    "number", "loss", "character_accuracy", "whole_string_accuracy",
    "validation_loss", "validation_character_accuracy", "validation_whole_string_accuracy",
    "learning_rate", "seconds",
)  # fmt: skip
# More than a chart of any size can show, and less than half of what the database has to say.
SIGNIFICANT_DIGITS = 6


@dataclass(frozen=True)
class EpochNews:
    """An epoch as JSON. A row that is written anew has a new and larger `pk`, so these tell what a page has."""

    pk: int
    data: str


@dataclass(frozen=True)
class RunNews:
    """Where a run is, as JSON ready to be sent; `use`, `readings` and `rounds` are None before there are any,
    `without_labels` where it learns from labels."""

    state: str
    is_over: bool
    use: str | None
    readings: str | None
    rounds: str | None
    without_labels: str | None
    epochs: tuple[EpochNews, ...]


DELETED = RunNews(
    state=json.dumps({"state": "deleted"}),
    is_over=True,
    use=None,
    readings=None,
    rounds=None,
    without_labels=None,
    epochs=(),
)


def read_news(run_pk: int, after: int) -> RunNews:
    """Return where a run is, with every epoch whose row is newer than that with the id `after`: two queries."""
    run = Run.objects.filter(pk=run_pk)
    row = run.values(
        *STATE_FIELDS, "model__pk", "use__latest", "report__written_at", "rounds", "label_free__written_at"
    ).first()
    if row is None:
        return DELETED
    use, written, rounds = row.pop("use__latest"), row.pop("report__written_at"), row.pop("rounds")
    without_labels = row.pop("label_free__written_at")
    state = row | {"percent": round(100 * row["progress"]), "model_id": row.pop("model__pk")}
    return RunNews(
        state=json.dumps(state),
        is_over=row["state"] not in ACTIVE_STATES,
        use=json.dumps(use) if use else None,
        readings=json.dumps(written.isoformat()) if written else None,
        rounds=json.dumps(rounds_version(rounds)) if rounds else None,
        without_labels=json.dumps(without_labels.isoformat()) if without_labels else None,
        epochs=tuple(read_epochs(run_pk, after)),
    )


def read_epochs(run_pk: int, after: int) -> Iterator[EpochNews]:
    """Yield a run's epochs whose rows are newer than that with the id `after`, in the order they were written."""
    rows = Epoch.objects.filter(run_id=run_pk, pk__gt=after).order_by("pk").values_list("pk", *EPOCH_FIELDS)
    for pk, *values in rows:
        yield EpochNews(pk, json.dumps(dict(zip(EPOCH_FIELDS, values, strict=True))))


def epoch_columns(run: Run) -> tuple[int, dict[str, list[Any]]]:
    """Return the id up to which the rows were read, and all epochs as columns in the order of their numbers."""
    rows = list(run.history.order_by("number").values_list("pk", *EPOCH_FIELDS))
    if not rows:
        return 0, {name: [] for name in EPOCH_FIELDS}
    pks, *columns = zip(*rows, strict=True)
    return max(pks), {
        name: [_short(value) for value in column] for name, column in zip(EPOCH_FIELDS, columns, strict=True)
    }


def _short(value: float) -> float:
    if isinstance(value, int) or abs(value) >= 0.01:
        # Several times quicker than by way of a text, and a history has many numbers.
        return round(value, SIGNIFICANT_DIGITS)
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")
