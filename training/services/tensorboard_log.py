"""TensorBoard's logs of a run: event files in the worker's data folder, one folder per run."""

import logging
import shutil
import struct
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tensorboardX.event_file_writer import EventsWriter
from tensorboardX.proto.event_pb2 import Event
from tensorboardX.summary import hparams, scalar

from training.leftovers import tensorboard_folder
from training.models import Run
from training.recognition.fit import BatchProgress, EpochMetrics
from training.services.run_figures import IN_EVERY_EPOCH, figures_of, parameters_of
from training.services.run_notes import add_note

logger = logging.getLogger(__name__)

_HEADER, _CHECKSUM_BYTES = struct.Struct("<Q4x"), 4


class TensorBoardLog:
    """Writes each epoch's figures as scalars, and the hyper-parameters for TensorBoard's own table of runs.

    Written directly, a few hundred bytes an epoch, without the queue and thread of a SummaryWriter: a disk that is full
    is then an error here, which is noted, instead of a queue that nobody empties.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._folder = tensorboard_folder(run.project_id) / f"run-{run.number}"
        self._images_per_second: float | None = None
        self._writer: EventsWriter | None = None
        try:
            _forget_deleted_runs(run)
            self._folder.mkdir(parents=True, exist_ok=True)
            # A run that resumes goes on in a file of its own; TensorBoard reads all files of a folder.
            self._writer = EventsWriter(str(self._folder / "events"), f".{time.time_ns()}")
            experiment, start, _ = hparams(
                parameters_of(run), dict.fromkeys(["whole_string_accuracy/validation"])
            )
            self._write(experiment, 0)
            self._write(start, 0)
        except OSError as error:
            self._give_up(error)

    def catch_up(self, history: Sequence[EpochMetrics]) -> None:
        """Write the epochs that no file of this log has."""
        there = _epochs_in(self._folder)
        for metrics in history:
            if metrics.epoch not in there:
                self.on_epoch(metrics)

    def on_stage(self, stage: str) -> None: ...

    def on_batch(self, progress: BatchProgress) -> None:
        self._images_per_second = progress.images_per_second

    def on_epoch(self, metrics: EpochMetrics) -> None:
        if self._writer is None:
            return
        try:
            for name, value in figures_of(metrics, self._images_per_second).items():
                self._write(scalar(name, value), metrics.epoch)
            self._writer.flush()
        except OSError as error:
            self._give_up(error)

    def should_stop(self) -> bool:
        return False

    def close(self) -> None:
        """End the file."""
        if self._writer is None:
            return
        try:
            self._writer.close()
        except OSError as error:
            self._give_up(error)

    def _write(self, summary: object, step: int) -> None:
        assert self._writer is not None
        self._writer.write_event(Event(summary=summary, step=step, wall_time=time.time()))

    def _give_up(self, error: OSError) -> None:
        self._writer = None
        logger.warning("%s has no TensorBoard log from here on: %s", self._run, error)
        add_note(self._run, f"Its TensorBoard log is not complete: {error.strerror or error}.")


def _epochs_in(folder: Path) -> set[int]:
    """The epochs whose figures are in a log's files. One that a worker died at ends in the midst of a record."""
    return {
        event.step
        for path in folder.glob("events*")
        for event in _events(path.read_bytes())
        if any(value.tag == IN_EVERY_EPOCH for value in event.summary.value)
    }


def _events(data: bytes) -> Iterator[Event]:
    """Yield the events of a file of TensorFlow's records: length, checksum, that many bytes, and a checksum of each."""
    start = 0
    while len(data) >= start + _HEADER.size:
        (length,) = _HEADER.unpack_from(data, start)
        end = start + _HEADER.size + length
        if len(data) < end + _CHECKSUM_BYTES:
            return
        yield Event.FromString(data[start + _HEADER.size : end])
        start = end + _CHECKSUM_BYTES


def _forget_deleted_runs(run: Run) -> None:
    """Delete the logs of runs that are gone: whoever deleted them may have sat at another machine."""
    folder = tensorboard_folder(run.project_id)
    if not folder.exists():
        return
    numbers = Run.objects.filter(project=run.project_id).values_list("number", flat=True)
    known = {f"run-{number}" for number in numbers}
    for path in folder.iterdir():
        if path.name not in known:
            shutil.rmtree(path, ignore_errors=True)
