"""A run that is under way, with any number of epochs behind it, and what it reads."""

from typing import Any

from labeling.jobs import JobState
from tests.factories import add_images, make_project, texts
from tests.training.report_rows import add_report
from tests.training.views.rows import add_run
from training.models import Run, WorkerUse
from training.services.worker_use import MOST_SAMPLES

IMAGES = 1000


def watched_run(owner: Any, epochs: int) -> Run:
    """Make a run with so many epochs, a full history of its worker's use, and a report with many misread images."""
    project = make_project(owner, "watched")
    add_images(project, texts(IMAGES))
    run = add_run(project, state=JobState.RUNNING, epochs=epochs)
    add_report(run, dict.fromkeys(range(run.dataset.validation_count), "000"))
    seconds = [5.0 * number for number in range(1, MOST_SAMPLES + 1)]
    sample = {"own": 0.5, "machine": 0.9, "memory": 3 * 2**30}
    columns: dict[str, Any] = {"seconds": seconds} | {
        name: [value] * len(seconds) for name, value in sample.items()
    }
    WorkerUse.objects.create(
        run=run, host="worker", device="a processor, 2 cores", every=5, columns=columns,
        latest=sample | {"seconds": seconds[-1]},
    )  # fmt: skip
    return run
