"""What the pages of a training without labels show, told from its row."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from labeling.models import Image
from training.models import LabelFree
from training.services.asked import AskedResult, asked_result
from training.services.label_free_pictures import PictureRow, picture_rows
from training.services.style_preview import real_samples

INDISTINGUISHABLE = 0.5

STAGE_HINTS = {
    "fitting": "What the images have in common: ground, fixed noise, colours, strokes, places, fonts.",
    "drawing": "Random texts in that style; what was written is known.",
    "refining": "A network makes drawn images look like real ones.",
    "training": "A reader learns from the drawn images.",
    "self-training": "It goes on with what it reads surely in your own images.",
}


@dataclass(frozen=True)
class StageLine:
    """A stage and how long it has taken."""

    name: str
    hint: str
    state: str
    seconds: float | None
    progress: float
    note: str
    message: str


@dataclass(frozen=True)
class ShownPicture:
    url: str
    text: str = ""


@dataclass(frozen=True)
class Checkpoint:
    """What the refiner came to at a step: rows of pictures by what they are."""

    step: int
    losses: dict[str, float]
    rows: list[tuple[str, list[ShownPicture]]]


@dataclass(frozen=True)
class LabelFreeDetails:
    """All that is shown of a run without labels besides what every run shows."""

    label_free: LabelFree
    stages: list[StageLine]
    real: list[Image]
    drawn: list[ShownPicture]
    checkpoints: list[Checkpoint]
    result: AskedResult

    @property
    def closeness(self) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.label_free.closeness
        return found

    @property
    def closeness_words(self) -> str:
        """Say how close drawn images come, with the interval in mind."""
        found = self.closeness
        if found is None:
            return ""
        if found["low"] <= INDISTINGUISHABLE:
            return "A classifier cannot tell drawn images from yours: it does no better than chance."
        if found["accuracy"] < 0.75:
            return (
                "A classifier tells many drawn images from yours. The closer to 50 %, the better the style."
            )
        return "A classifier tells most drawn images from yours. What gives them away is below; adjust the style there."


def label_free_details(label_free: LabelFree) -> LabelFreeDetails:
    """Lay out a run's row: three queries."""
    rows = picture_rows(label_free)
    drawn = [row for row in rows if row.kind == "drawn"]
    return LabelFreeDetails(
        label_free=label_free,
        stages=[_stage(each, label_free.run.is_active) for each in label_free.stages],
        real=real_samples(label_free),
        drawn=_pictures(label_free, drawn[-1]) if drawn else [],
        checkpoints=_checkpoints(label_free, rows),
        result=asked_result(label_free),
    )


def _stage(stage: dict[str, Any], run_is_active: bool) -> StageLine:
    seconds, state = stage.get("seconds", 0.0), stage["state"]
    if state == "running":
        if run_is_active:
            seconds += (timezone.now() - datetime.fromisoformat(stage["since"])).total_seconds()
        else:
            state = "stopped"
    return StageLine(
        name=stage["name"],
        hint=STAGE_HINTS.get(stage["name"], ""),
        state=state,
        seconds=seconds or None,
        progress=stage.get("progress", 0.0),
        note=stage.get("note", ""),
        message=stage.get("message", ""),
    )


def _checkpoints(label_free: LabelFree, rows: list[PictureRow]) -> list[Checkpoint]:
    """The newest first."""
    steps: dict[int, list[PictureRow]] = {}
    for row in rows:
        if row.kind != "drawn":
            steps.setdefault(row.step, []).append(row)
    return [
        Checkpoint(
            step=step,
            losses=of_step[0].losses or {},
            rows=[(row.kind, _pictures(label_free, row)) for row in of_step],
        )
        for step, of_step in sorted(steps.items(), reverse=True)
    ]


def _pictures(label_free: LabelFree, row: PictureRow) -> list[ShownPicture]:
    run = label_free.run
    name = row.file.rsplit("/", 1)[-1]
    texts = row.texts or ("",) * len(row.sizes)
    return [
        ShownPicture(
            reverse("training:label_free_picture", args=[run.project_id, run.number, name, index]), text
        )
        for index, text in enumerate(texts)
    ]
