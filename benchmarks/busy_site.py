"""A site with many projects and runs, for what its dashboard costs."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from labeling.jobs import JobState
from labeling.models import ImageStatus, Project
from labeling.services.counts import shift_counts
from labeling.services.preparations import current_preparation
from tests.factories import add_images, make_project, texts
from training.models import Epoch, Model, ModelState, ReadingDay, Run
from training.services.datasets import freeze_dataset
from webapp.models import ProjectFigures

EPOCHS = 50
ACTIVE = 20
DAYS = 14
TEST = {"n": 400, "whole_string_accuracy": 0.96, "whole_string_interval": [0.936, 0.975]}


def busy_site(user: Any, projects: int, runs: int) -> None:
    """Projects with pictures, counts, disputes, a production model and readings of 14 days, and runs of 50 epochs each.

    The last runs are active, and one in ten has failed.
    """
    rows = [_project(user, number) for number in range(projects)]
    now = timezone.now()
    sets = {project.pk: (freeze_dataset(project=project), current_preparation(project)) for project in rows}
    for number in range(runs):
        project = rows[number % projects]
        dataset, preparation = sets[project.pk]
        run = Run.objects.create(
            project=project, number=number + 1, dataset=dataset, preparation=preparation, architecture="slots",
            state=_state(number, runs), epoch=EPOCHS, progress=0.5, queued_at=now, started_at=now, heartbeat_at=now,
            finished_at=now - timedelta(minutes=runs - number), error="The worker's disk is full.",
        )  # fmt: skip
        Epoch.objects.bulk_create(_epoch(run, epoch) for epoch in range(1, EPOCHS + 1))
        if number < projects:
            _model(run)


def _project(user: Any, number: int) -> Project:
    project = make_project(user, f"project {number}")
    add_images(project, texts(20), seed=1000 * (number + 1))
    shift_counts(
        project_id=project.pk,
        changes={ImageStatus.LABELLED: 5000, ImageStatus.UNLABELLED: 5000, ImageStatus.DISPUTED: number % 3},
    )
    ProjectFigures.objects.create(project=project, alike=1900, compared=2000, measured_at=timezone.now())
    return project


def _state(number: int, runs: int) -> JobState:
    if number >= runs - ACTIVE:
        return JobState.RUNNING if number % 2 else JobState.QUEUED
    return JobState.FAILED if number % 10 == 0 else JobState.DONE


def _model(run: Run) -> None:
    model = Model.objects.create(
        project=run.project,
        run=run,
        state=ModelState.PRODUCTION,
        parameter_count=100_000,
        metrics={"test": TEST},
    )
    today = timezone.localdate()
    ReadingDay.objects.bulk_create(
        ReadingDay(model=model, day=today - timedelta(days=day), count=100 + day, confidence=97.0 + day)
        for day in range(DAYS)
    )


def _epoch(run: Run, number: int) -> Epoch:
    share = number / EPOCHS
    return Epoch(
        run=run, number=number, loss=1 - share, character_accuracy=share, whole_string_accuracy=share,
        validation_loss=1 - share, validation_character_accuracy=share, validation_whole_string_accuracy=share,
        learning_rate=0.001, seconds=number,
    )  # fmt: skip
