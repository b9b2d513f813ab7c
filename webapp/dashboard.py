"""What the dashboard shows: what moves right now, what needs somebody, and how far each project is.

Every function asks a fixed number of queries, however many projects and runs there are: what would have to be counted
is kept by whoever changes it (`ProjectCounts`, `ReadingDay`) or by a worker (`ProjectFigures`).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.urls import reverse
from django.utils import timezone

from labeling.intervals import Share
from labeling.jobs import ACTIVE_STATES, SILENT_AFTER, JobState
from labeling.models import Export, Image, Import, Preparation, Project, SettlingPass
from training.models import Epoch, Model, ModelState, ReadingDay, Run, SuggestionPass
from webapp.models import ProjectFigures
from webapp.templatetags.components import plural
from webapp.workers import waiting_readings

THUMBNAILS = 4
SHOWN = 10
JUST_ENDED = timedelta(minutes=15)
# Failures from before are in the lists of their projects.
RECENTLY = timedelta(days=3)
READING_DAYS = 14
# A curve of a hundred points is as fine as its few pixels.
CURVE_EPOCHS = 100
PREPARED = (Import, Export, Preparation, SettlingPass, SuggestionPass)


@dataclass(frozen=True)
class DayBar:
    """A day's readings as a bar in a box of 14 x 30: its height tells how many, its shade how sure.

    `confidence` is the mean, 0..1; `level` goes from 0 (unsure) to 3 (sure).
    """

    day: date
    count: int
    confidence: float
    x: int
    height: float

    @property
    def y(self) -> float:
        return 30 - self.height

    @property
    def level(self) -> int:
        return sum(self.confidence >= edge for edge in (0.8, 0.95, 0.99))


@dataclass
class ProjectCard:
    """A project as the dashboard shows it."""

    project: Project
    image_ids: list[int]
    production: Model | None = None
    run: Run | None = None
    days: list[DayBar] = field(default_factory=list)

    @property
    def agreement(self) -> Share | None:
        """Of the last images that several people read, how many all read alike; None where there are none."""
        figures: ProjectFigures | None = getattr(self.project, "figures", None)
        return figures.agreement if figures is not None and figures.compared else None

    @property
    def readings(self) -> int:
        return sum(bar.count for bar in self.days)

    @property
    def confidence(self) -> float:
        """The mean of the readings of these days, 0..1."""
        total = self.readings
        return sum(bar.count * bar.confidence for bar in self.days) / total if total else 0.0


def project_cards(user: Any) -> list[ProjectCard]:
    """Return a card per project, newest first. Four queries."""
    first_images = Image.objects.filter(project=OuterRef("pk")).order_by("id").values("pk")
    thumbnails = {f"thumbnail_{i}": Subquery(first_images[i : i + 1]) for i in range(THUMBNAILS)}
    visible = Project.objects.visible_to(user).with_counts().select_related("counts", "figures")
    projects = visible.annotate(**thumbnails).order_by("-id")
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
    for pk, days in _reading_days(list(cards)).items():
        cards[pk].days = days
    return list(cards.values())


def _reading_days(projects: Sequence[int]) -> dict[int, list[DayBar]]:
    first = timezone.localdate() - timedelta(days=READING_DAYS - 1)
    rows = (
        ReadingDay.objects.filter(model__project__in=projects, day__gte=first)
        .values("model__project", "day")
        .annotate(count=Sum("count"), confidence=Sum("confidence"))
    )
    found: dict[int, dict[date, tuple[int, float]]] = defaultdict(dict)
    for row in rows:
        found[row["model__project"]][row["day"]] = (row["count"], row["confidence"])
    return {pk: _bars(first, days) for pk, days in found.items()}


def _bars(first: date, days: dict[date, tuple[int, float]]) -> list[DayBar]:
    most = max(count for count, _ in days.values())
    bars = []
    for number in range(READING_DAYS):
        day = first + timedelta(days=number)
        count, confidence = days.get(day, (0, 0.0))
        # A single reading beside a thousand must still be seen.
        height = max(2.0, 30 * count / most) if count else 0.0
        bars.append(DayBar(day, count, confidence / count if count else 0.0, number, round(height, 1)))
    return bars


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
class QueueNow:
    """How much waits for the workers of a queue, over all projects."""

    title: str
    waiting: int


@dataclass(frozen=True)
class Now:
    """What moves right now, or did a moment ago. `more_runs` are active beyond those that are shown."""

    runs: list[RunNow]
    more_runs: int
    imports: list[Import]
    ended: list[Run]
    queues: list[QueueNow]

    @property
    def is_active(self) -> bool:
        return bool(self.runs or self.imports)


def what_moves(user: Any) -> Now:
    """Return active runs and imports of a user's projects, runs that ended a moment ago, and what waits.

    Five queries.
    """
    visible = Project.objects.visible_to(user).values("pk")
    runs: QuerySet[Run] = Run.objects.filter(project__in=visible).select_related("project")
    imports: QuerySet[Import] = Import.objects.filter(project__in=visible).select_related("project")
    # Those that are trained come before those that wait.
    active = list(runs.filter(state__in=ACTIVE_STATES).order_by("-state", "id"))
    shown = active[:SHOWN]
    history: dict[int, list[float]] = defaultdict(list)
    epochs = Epoch.objects.filter(run__in=shown, number__gt=F("run__epoch") - CURVE_EPOCHS).order_by(
        "run", "number"
    )
    for pk, accuracy in epochs.values_list("run", "validation_whole_string_accuracy"):
        history[pk].append(accuracy)
    just_ended = runs.filter(finished_at__gt=timezone.now() - JUST_ENDED).select_related("project", "model")
    return Now(
        runs=[RunNow(run, history[run.pk]) for run in shown],
        more_runs=len(active) - len(shown),
        imports=list(imports.filter(state__in=ACTIVE_STATES).order_by("id")[:SHOWN]),
        ended=list(just_ended.order_by("-finished_at")[:3]),
        queues=_queues(),
    )


def _queues() -> list[QueueNow]:
    queued = [
        each.objects.filter(state=JobState.QUEUED)
        .order_by()
        .values("state")
        .annotate(n=Count("pk"))
        .values_list("n")
        for each in (Run, *PREPARED)
    ]
    # One query; each part says whose it is by a number, as a part that is empty gives no row.
    parts = [part.annotate(part=Value(number)).values_list("part", "n") for number, part in enumerate(queued)]
    counts = dict(parts[0].union(*parts[1:], all=True))
    return [
        QueueNow("Train", counts.pop(0, 0)),
        QueueNow("Prepare", sum(counts.values())),
        QueueNow("Read", waiting_readings()),
    ]


@dataclass(frozen=True)
class Need:
    """Something that waits for a person: what, where, and the page on which to do something about it."""

    title: str
    text: str
    project: Project
    url: str
    is_bad: bool = True


def what_needs_a_person(user: Any) -> list[Need]:
    """Return what does not go on by itself in a user's projects, the worst first. Four queries."""
    visible = Project.objects.visible_to(user)
    recently, silent = timezone.now() - RECENTLY, timezone.now() - SILENT_AFTER
    runs: QuerySet[Run] = Run.objects.filter(project__in=visible.values("pk")).select_related("project")
    imports: QuerySet[Import] = Import.objects.filter(project__in=visible.values("pk")).select_related(
        "project"
    )
    stale = Q(state=JobState.RUNNING, heartbeat_at__lt=silent)
    # A trial that failed is its search's business, and where a newer one was started somebody has taken care.
    failed = Q(state=JobState.FAILED, finished_at__gt=recently, search=None) & ~_newer(Run)
    # Running ones come first by the name of their state.
    stuck = runs.filter(stale | failed).order_by("-state", "-finished_at", "heartbeat_at")
    broken = imports.filter(state=JobState.FAILED, finished_at__gt=recently).exclude(_newer(Import))
    loops = visible.filter(automatic_loop__is_on=True).exclude(automatic_loop__problem="")
    disputed = visible.filter(counts__disputed__gt=0).select_related("counts").order_by("-counts__disputed")
    return [
        *(_need_of(run) for run in stuck[:SHOWN]),
        *(
            Need("An import failed", each.error, each.project, each.get_absolute_url())
            for each in broken.order_by("-finished_at")[:SHOWN]
        ),
        *(
            Need(
                "Automatic training could not start",
                each.automatic_loop.problem,
                each,
                f"{_url('labeling:project_settings', each)}#loop",
            )
            for each in loops.select_related("automatic_loop")[:SHOWN]
        ),
        *(
            Need(
                plural(each.counts.disputed, "dispute"),
                "People read these images differently; a reviewer decides.",
                each,
                _url("labeling:review", each),
                is_bad=False,
            )
            for each in disputed[:SHOWN]
        ),
    ]


def _need_of(run: Run) -> Need:
    if run.state == JobState.FAILED:
        return Need(f"{run} failed", run.error, run.project, run.get_absolute_url())
    heard = "Its worker has not been heard of; another one goes on with it."
    return Need(f"{run} is silent", heard, run.project, run.get_absolute_url())


def _newer(rows: type[Run] | type[Import]) -> Exists:
    return Exists(rows.objects.filter(project=OuterRef("project"), pk__gt=OuterRef("pk")))


def _url(name: str, project: Project) -> str:
    return reverse(name, args=[project.pk])
