"""What monitoring and checkpoints cost a training, beside the same training with no listener and no file written.

Both train in turns, pair by pair, which one goes first alternating. Compared are the seconds from the end of the second
epoch, when all is compiled, to the end of the last one, as each training counts its own.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from benchmarks.common import save, sized
from benchmarks.speed.timing import ratio, summary

if TYPE_CHECKING:
    from training.models import Run
    from training.recognition.fit import FitResult

PAIRS = sized(12, 2)
IMAGES = sized(2000, 120)
EPOCHS = sized(12, 5)


def main() -> None:
    os.environ["DATA_DIR"] = tempfile.mkdtemp()
    os.environ["DJANGO_SETTINGS_MODULE"] = "webapp.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    run = make_run()
    ways: dict[str, Callable[[Run], FitResult]] = {"watched": watched, "bare": bare}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    epochs: dict[str, list[int]] = {name: [] for name in ways}
    for pair in range(PAIRS):
        for name in sorted(ways, reverse=pair % 2 == 1):
            history = ways[name](run).history
            seconds[name].append(history[-1].seconds - history[1].seconds)
            epochs[name].append(len(history))
            print(f"{name}: {seconds[name][-1]:.2f} s", flush=True)
    assert len(set(epochs["watched"] + epochs["bare"])) == 1, epochs
    times = ratio(seconds["watched"], seconds["bare"])
    save(
        "watching/overhead",
        {
            "pairs": PAIRS,
            "images": IMAGES,
            "epochs": EPOCHS,
            "seconds": {name: summary(each) for name, each in seconds.items()},
            "percent": {
                "median": round(100 * (times["ratio"] - 1), 2),
                "low": round(100 * (times["low"] - 1), 2),
                "high": round(100 * (times["high"] - 1), 2),
                "n": PAIRS,
            },
        },
    )


def make_run() -> "Run":
    from tests.factories import add_images, make_project, texts
    from training.models import Run
    from training.services.runs import create_run

    project = make_project(name="overhead", min_length=5, max_length=5)
    add_images(project, texts(IMAGES, 5))
    run = create_run(project=project, user=None, seed=1, max_epochs=EPOCHS, here=True)
    return Run.objects.select_related("project", "preparation", "dataset").get(pk=run.pk)


def watched(run: "Run") -> "FitResult":
    """As a worker trains it, in the very company that it has there: progress, epochs, readings and use to the database,
    TensorBoard's records and checkpoints to the disk."""
    from labeling.jobs import JobState
    from training.leftovers import run_folder
    from training.services.run_companions import companions_of

    type(run).objects.filter(pk=run.pk).update(state=JobState.QUEUED)
    assert run.claim_for_work()
    folder = run_folder(run.pk)
    try:
        with companions_of(run) as companions:
            return fitted(run, folder, **companions.watching)
    finally:
        # The next one begins anew.
        shutil.rmtree(folder, ignore_errors=True)


def bare(run: "Run") -> "FitResult":
    """Without a listener; the best weights are kept in memory."""
    with checkpoints_in_memory(), tempfile.TemporaryDirectory() as folder:
        return fitted(run, Path(folder))


def fitted(run: "Run", folder: Path, **watching: Any) -> "FitResult":
    from training.models import Split
    from training.recognition.architectures import get_architecture
    from training.recognition.fit import fit_reader
    from training.services.reading_task import reading_task
    from training.services.run_samples import run_samples

    task, architecture = reading_task(run.project, run.preparation), get_architecture(run.architecture)
    return fit_reader(
        task=task,
        architecture=architecture,
        hyperparameters={"patience": 10_000},
        train=run_samples(run, task, architecture, Split.TRAIN),
        validation=run_samples(run, task, architecture, Split.VALIDATION),
        folder=folder,
        seed=run.seed,
        max_epochs=run.max_epochs,
        **watching,
    )


@contextmanager
def checkpoints_in_memory() -> Iterator[None]:
    """For the training that is compared with: the same loop, whose checkpoints cost no file. The product has no such
    switch, and should have none for a measurement's sake, so the two functions are exchanged from outside."""
    from training.recognition import checkpoints

    kept: dict[Path, tuple[Mapping[str, Sequence[Any]], dict[str, Any]]] = {}

    def write(path: Path, groups: Mapping[str, Sequence[Any]], state: dict[str, Any]) -> None:
        kept[path] = groups, state

    with (
        mock.patch.object(checkpoints, "write_checkpoint", write),
        mock.patch.object(checkpoints, "read_checkpoint", kept.__getitem__),
    ):
        yield


if __name__ == "__main__":
    main()
