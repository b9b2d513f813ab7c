"""Checkpoints that another machine goes on from."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from labeling.heartbeat import Heartbeat
from labeling.jobs import LostClaim
from tests.factories import add_images, make_project, texts
from tests.support.site import wait_until
from tests.training.views.rows import add_run
from training.leftovers import run_folder, run_storage
from training.models import Run
from training.recognition.checkpoints import epochs_done, write_checkpoint
from training.recognition.network_fit import BEST, LAST
from training.services.shared_checkpoints import SharedCheckpoints, needs_sharing

pytestmark = pytest.mark.django_db


@pytest.fixture
def _bucket(settings: Any) -> None:
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "tests.support.bucket.Bucket"}}


@pytest.fixture
def run(settings: Any, tmp_path: Path, _bucket: None) -> Run:
    on_machine(settings, tmp_path, "first")
    project = make_project()
    add_images(project, texts(20))
    return add_run(project)


def on_machine(settings: Any, folder: Path, name: str) -> None:
    """Go on as another machine, whose data folder is its own."""
    settings.DATA_DIR = folder / name


def train(run: Run, epochs: int, *, best: int | None = None) -> None:
    """Write what a training leaves after so many epochs."""
    folder = run_folder(run.pk)
    folder.mkdir(parents=True, exist_ok=True)
    for name, epoch in ((BEST, best or epochs), (LAST, epochs)):
        write_checkpoint(folder / name, {"model": [np.full(3, epoch)]}, {"epoch": epoch})


def shared(run: Run) -> SharedCheckpoints:
    return SharedCheckpoints(run, Heartbeat(run))


def stored(run: Run) -> list[str]:
    try:
        return sorted(default_storage.listdir(f"{run_storage(run)}/checkpoints")[1])
    except FileNotFoundError:
        return []


def test_another_machine_goes_on_where_the_first_one_was(run: Run, settings: Any, tmp_path: Path) -> None:
    with shared(run) as here:
        assert here.epochs_done == 0
        train(run, 3)
        here.tell()
        wait_until(lambda: stored(run) == [BEST, LAST], seconds=10, what="the copy")
    on_machine(settings, tmp_path, "second")
    with shared(run) as there:
        assert there.epochs_done == 3
        train(run, 5, best=4)
    # What was written until the end is copied although nobody spoke of it.
    on_machine(settings, tmp_path, "third")
    with shared(run) as last:
        assert last.epochs_done == 5
    assert epochs_done(run_folder(run.pk) / BEST) == 4


def test_a_machine_that_is_further_than_the_storage_goes_on_with_its_own(
    run: Run, settings: Any, tmp_path: Path
) -> None:
    with shared(run):
        train(run, 3)
    on_machine(settings, tmp_path, "second")
    train(run, 8)
    with shared(run) as there:
        assert there.epochs_done == 8


def test_a_machine_that_comes_back_takes_what_another_one_trained_meanwhile(
    run: Run, settings: Any, tmp_path: Path
) -> None:
    with shared(run):
        train(run, 3)
    on_machine(settings, tmp_path, "second")
    with shared(run):
        train(run, 9)
    on_machine(settings, tmp_path, "first")
    assert epochs_done(run_folder(run.pk) / LAST) == 3
    with shared(run) as back:
        assert back.epochs_done == 9


def test_damaged_bytes_in_the_storage_are_not_gone_on_from(run: Run) -> None:
    default_storage.save(f"{run_storage(run)}/checkpoints/{LAST}", ContentFile(b"half a file"))
    with shared(run) as here:
        assert here.epochs_done == 0


def test_whoever_lost_the_run_overwrites_nothing(run: Run) -> None:
    class Lost(Heartbeat):
        def check(self) -> None:
            raise LostClaim

    with SharedCheckpoints(run, Lost(run)):
        train(run, 3)
    assert stored(run) == []


def test_a_storage_that_fails_does_not_end_a_training(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> str:
        raise OSError("no answer")

    monkeypatch.setattr(type(default_storage._wrapped), "_save", full)
    with shared(run) as here:
        train(run, 2)
        here.tell()
        assert here.epochs_done == 2


def test_nothing_is_copied_where_the_storage_is_a_folder_of_this_machine(
    settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    project = make_project()
    add_images(project, texts(20))
    run = add_run(project)
    assert not needs_sharing(default_storage)
    with shared(run) as here:
        train(run, 3)
        here.tell()
    assert stored(run) == []
