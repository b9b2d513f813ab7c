"""What the dashboard shows: the user's projects, and what moves in them right now."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from labeling.jobs import ACTIVE_STATES, SILENT_AFTER, JobState
from labeling.models import Image, Import, Project
from training.models import Epoch, Model, ModelState, Run

THUMBNAILS = 4
SHOWN = 10
JUST_ENDED = timedelta(minutes=15)


@dataclass
class ProjectCard:
    """A project as the dashboard shows it."""

    project: Project
    image_ids: list[int]
    production: Model | None = None
    run: Run | None = None


def project_cards(user: Any) -> list[ProjectCard]:
    """Return a card per project, newest first. Three queries, however many projects and images there are."""
    first_images = Image.objects.filter(project=OuterRef("pk")).order_by("id").values("pk")
    thumbnails = {f"thumbnail_{i}": Subquery(first_images[i : i + 1]) for i in range(THUMBNAILS)}
    projects = Project.objects.visible_to(user).with_counts().annotate(**thumbnails).order_by("-id")
    cards = {
        project.pk: ProjectCard(project, [pk for name in thumbnails if (pk := getattr(project, name))])
        for project in projects
    }
    for model in Model.objects.filter(project__in=list(cards), state=ModelState.PRODUCTION).select_related(
        "run"
    ):
        cards[model.project_id].production = model
    for run in Run.objects.filter(project__in=list(cards), state__in=ACTIVE_STATES):
        cards[run.project_id].run = run
    return list(cards.values())


@dataclass(frozen=True)
class RunNow:
    """An active run with its history so far: validation whole-string accuracy (0..1) per epoch."""

    run: Run
    history: list[float]

    @property
    def is_silent(self) -> bool:
        """Whether its worker has not been heard of for too long."""
        beat = self.run.heartbeat_at
        return (
            self.run.state == JobState.RUNNING and beat is not None and timezone.now() - beat > SILENT_AFTER
        )

    @property
    def curve(self) -> str:
        """The history as points of an SVG polyline in a box of 100 x 30, 100 % at the upper edge."""
        if len(self.history) < 2:
            return ""
        step = 100 / (len(self.history) - 1)
        return " ".join(f"{i * step:.1f},{29 - 28 * share:.1f}" for i, share in enumerate(self.history))


@dataclass(frozen=True)
class Now:
    """What moves right now, or did a moment ago."""

    runs: list[RunNow]
    imports: list[Import]
    ended: list[Run]

    @property
    def is_active(self) -> bool:
        return bool(self.runs or self.imports)


def what_moves(user: Any) -> Now:
    """Return active runs and imports of a user's projects, and runs that ended a moment ago.

    Four queries, however many there are.
    """
    visible = Project.objects.visible_to(user).values("pk")
    runs: QuerySet[Run] = Run.objects.filter(project__in=visible).select_related("project")
    imports: QuerySet[Import] = Import.objects.filter(project__in=visible).select_related("project")
    active = list(runs.filter(state__in=ACTIVE_STATES).order_by("id")[:SHOWN])
    history: dict[int, list[float]] = defaultdict(list)
    epochs = Epoch.objects.filter(run__in=active).order_by("run", "number")
    for pk, accuracy in epochs.values_list("run", "validation_whole_string_accuracy"):
        history[pk].append(accuracy)
    just_ended = runs.filter(finished_at__gt=timezone.now() - JUST_ENDED).select_related("project", "model")
    return Now(
        runs=[RunNow(run, history[run.pk]) for run in active],
        imports=list(imports.filter(state__in=ACTIVE_STATES).order_by("id")[:SHOWN]),
        ended=list(just_ended.order_by("-finished_at")[:3]),
    )
