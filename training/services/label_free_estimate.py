"""How long a training without labels would take."""

from dataclasses import dataclass

from labeling.models import Project
from labeling.services.preparations import current_preparation
from training.models import LabelFree
from training.recognition.architectures import default_architecture
from training.services.estimates import Speed, measured_speed
from training.services.label_free import Wish
from training.services.reading_task import reading_task
from training.services.refusals import refusing

LOOKED_AT = 20


@dataclass(frozen=True)
class LabelFreeEstimate:
    """Seconds until the end, at most those that are given; `before` are of other stages than training, from an earlier
    run, where there was one."""

    seconds: float
    is_cut: bool
    before: float | None
    speed: Speed


def training_estimate(*, project: Project, wish: Wish) -> LabelFreeEstimate:
    """Estimate the training on drawn images from this site's speed, and the stages before it from the newest run
    without labels that came so far. Self-training may use what is left of the minutes.

    Raises:
        Refused: the default architecture cannot read the project's texts.
    """
    with refusing():
        task = reading_task(project, current_preparation(project))
        architecture = default_architecture(task)
        architecture.check(task)
    speed = measured_speed(project, task, architecture, {})
    seconds = wish.synthetic_count * architecture.epochs(wish.synthetic_count) / speed.images_per_second
    before = _other_stages(project)
    limit = 60 * wish.max_minutes
    whole = seconds + (before or 0.0)
    return LabelFreeEstimate(min(whole, limit), whole > limit, before, speed)


def _other_stages(project: Project) -> float | None:
    """Seconds of fitting and drawing in the newest run that has them, of the project if possible."""
    rows = list(LabelFree.objects.order_by("-pk").values_list("run__project", "stages")[:LOOKED_AT])
    rows.sort(key=lambda row: row[0] != project.pk)
    for _, stages in rows:
        done = {each["name"]: each["seconds"] for each in stages if each["state"] == "done"}
        if "fitting" in done and "drawing" in done:
            return float(done["fitting"] + done["drawing"])
    return None
