"""Checkpoints where every worker can reach them, so that another machine goes on where one was lost.

Training writes its checkpoints to its own disk and never waits for the storage. A thread beside it copies what is
new, one copy at a time: epochs that end while it copies are skipped but for the newest, which bounds how much is sent,
and no more is lost with a machine than what it trained during one copy. On a single machine, whose storage is a disk as
well, nothing is copied.
"""

import logging
import os
import shutil
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, default_storage

from labeling.heartbeat import Heartbeat
from labeling.jobs import LostClaim
from training.leftovers import run_folder, run_storage
from training.models import Run
from training.recognition.checkpoints import epochs_done
from training.recognition.network_fit import BEST, LAST, history_until
from training.recognition.progress import EpochMetrics

logger = logging.getLogger(__name__)

# A storage that does not answer must not hold up the end of a site.
END_SECONDS = 5.0


def needs_sharing(storage: Storage) -> bool:
    """Whether a storage is reached from other machines rather than being a folder on this one."""
    # Django wraps the default one so that it can be made late.
    return not isinstance(getattr(storage, "_wrapped", storage), FileSystemStorage)


class SharedCheckpoints:
    """Brings a run's newest checkpoints here, then copies those that training writes while the `with` body runs."""

    def __init__(self, run: Run, heartbeat: Heartbeat, *, part: str = "") -> None:
        """`part` is the folder below the run's of what is trained here, where it is only a part of the run."""
        self._folder = run_folder(run.pk) / part
        self._stored = f"{run_storage(run)}/checkpoints/{part}".rstrip("/")
        self._heartbeat = heartbeat
        self._copied: dict[str, int] = {}
        self._news = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._copy_news, name=f"checkpoints of {run}", daemon=True)

    def __enter__(self) -> Self:
        if needs_sharing(default_storage):
            self._fetch()
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._thread.is_alive():
            self._over.set()
            self._news.set()
            self._thread.join(END_SECONDS)

    @property
    def epochs_done(self) -> int:
        """After how many epochs training goes on here."""
        return epochs_done(self._folder / LAST)

    @property
    def history(self) -> tuple[EpochMetrics, ...]:
        """The epochs that training does not tell again, because it goes on behind them."""
        return history_until(self._folder / LAST)

    def tell(self) -> None:
        """Say that an epoch's checkpoints are written."""
        self._news.set()

    def _fetch(self) -> None:
        """Take what the storage has where that is further than what lies here."""
        if not default_storage.exists(f"{self._stored}/{LAST}"):
            return
        with tempfile.TemporaryDirectory() as name:
            aside = Path(name)
            _download(f"{self._stored}/{LAST}", aside / LAST)
            if epochs_done(aside / LAST) <= self.epochs_done:
                return
            _download(f"{self._stored}/{BEST}", aside / BEST)
            self._folder.mkdir(parents=True, exist_ok=True)
            for each in (BEST, LAST):
                shutil.move(aside / each, self._folder / each)
                self._copied[each] = (self._folder / each).stat().st_mtime_ns

    def _copy_news(self) -> None:
        over = False
        while not over:
            self._news.wait()
            self._news.clear()
            # What was written until the end is copied, too.
            over = self._over.is_set()
            try:
                self._heartbeat.check()
                # The best first, as they were written: whoever finds the last finds what it says is the best.
                for name in (BEST, LAST):
                    self._copy(name)
            except LostClaim:
                # What is here is another worker's to write by now.
                return
            except Exception:
                # Training does not depend on it; the next epoch tries again.
                logger.warning("The checkpoints could not be copied to the storage", exc_info=True)

    def _copy(self, name: str) -> None:
        path = self._folder / name
        if not path.exists():
            return
        with path.open("rb") as file:
            # Of the very file that is open: training replaces it, and what is read here stays whole.
            written = os.fstat(file.fileno()).st_mtime_ns
            if self._copied.get(name) != written:
                default_storage.save(f"{self._stored}/{name}", File(file, name))
                self._copied[name] = written


def _download(stored: str, path: Path) -> None:
    with default_storage.open(stored, "rb") as source, path.open("wb") as target:
        shutil.copyfileobj(source, target)
