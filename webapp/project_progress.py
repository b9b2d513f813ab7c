"""How far a project has come, and what its team should do next."""

from dataclasses import dataclass

from django.urls import reverse

from labeling.jobs import ACTIVE_STATES
from labeling.models import Project, ProjectCounts
from training.models import Model, ModelState, Run

# Below this many labels a test split is too small to say anything about a reader.
LABELS_FOR_FIRST_RUN = 50
# A new run is worth its minutes once the labels have grown by this share.
WORTH_TRAINING_AGAIN = 0.2


@dataclass(frozen=True)
class ProjectProgress:
    """What the header and the overview of a project tell."""

    counts: ProjectCounts
    newest_run: Run | None
    production: Model | None

    @property
    def active_run(self) -> Run | None:
        return self.newest_run if self.newest_run and self.newest_run.is_active else None


@dataclass(frozen=True)
class NextStep:
    """The next useful step: what to press, and why now."""

    text: str
    reason: str
    url: str


def project_progress(project: Project) -> ProjectProgress:
    """Return a project's counts, its newest run and its production model: three queries."""
    return ProjectProgress(
        counts=project.counts,
        newest_run=Run.objects.filter(project=project).order_by("-id").first(),
        production=Model.objects.filter(project=project, state=ModelState.PRODUCTION)
        .select_related("run__dataset")
        .first(),
    )


def next_step(project: Project, progress: ProjectProgress) -> NextStep:
    """Return what brings the project's reader forward most right now."""

    def step(text: str, reason: str, name: str, *more: int) -> NextStep:
        return NextStep(text, reason, reverse(name, args=[project.pk, *more]))

    counts = progress.counts
    if counts.total == 0:
        running = project.imports.filter(state__in=ACTIVE_STATES).first()
        if running:
            return step("Watch the import", "Images are on their way in.", "labeling:import", running.pk)
        return step("Import images", "A project begins with its pictures.", "labeling:new_import")
    if progress.active_run:
        run = progress.active_run
        return step(f"Watch run {run.number}", "A reader is being trained.", "training:run", run.number)
    if counts.labelled < LABELS_FOR_FIRST_RUN:
        missing = LABELS_FOR_FIRST_RUN - counts.labelled
        if counts.unlabelled == 0:
            return step(
                "Import more images",
                f"{missing} more labelled images make a first run.",
                "labeling:new_import",
            )
        return step(f"Label {missing} images", "That is enough to train a first reader.", "labeling:label")
    if progress.production is None:
        return step("Train a reader", f"{counts.labelled:,} labelled images are ready.", "training:runs")
    trained_on = progress.production.run.dataset.item_count
    fresh = counts.labelled - trained_on
    if fresh >= WORTH_TRAINING_AGAIN * trained_on:
        return step(
            "Train again",
            f"{fresh:,} labels are new since the production model was trained.",
            "training:runs",
        )
    if counts.unlabelled:
        reason = f"{counts.unlabelled:,} images have no text yet; more labels make a better reader."
        return step("Label more images", reason, "labeling:label")
    return step("Read new images", "Every image is labelled and a reader is in production.", "training:read")
