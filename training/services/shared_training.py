"""One run, several workers: each position of an ensemble is a row that any `train` worker may take.

The run's own worker trains positions as well, waits for those that others hold, and joins them all, so alone it does
everything. A message to other workers says only that there may be something to train: it comes too late, twice or
never without harm. What ends early (a stop, the end of the site, a dead worker) is queued again.
"""

import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from django.core.files import File
from django.core.files.storage import default_storage
from django.utils import timezone

from labeling.dispatch import dispatch
from labeling.heartbeat import Heartbeat
from labeling.jobs import ACTIVE_STATES, JobState, LostClaim, requeue_abandoned, work_on
from training.leftovers import run_folder
from training.live import announce
from training.models import Run, RunPart, Split
from training.models.runs import part_path
from training.recognition.architectures import get_architecture
from training.recognition.architectures.position_ensemble import PositionEnsemble
from training.recognition.ensemble_fit import (
    Others,
    PartListener,
    TrainedPart,
    fit_part,
    join_parts,
    part_folder,
    read_so_far,
    take_in,
)
from training.recognition.fit import (
    BatchProgress,
    EpochMetrics,
    FitListener,
    FitRequest,
    FitResult,
    SilentListener,
    TrainingFailed,
    Validated,
)
from training.services.failures import explain_failure
from training.services.reading_task import reading_task
from training.services.refusals import refusing
from training.services.run_reporter import REPORT_EVERY_SECONDS, RunReporter
from training.services.run_samples import run_samples
from training.services.runs import PARTS_TASK, QUEUE
from training.services.shared_checkpoints import SharedCheckpoints
from training.services.steady_listener import SteadyListener

WAIT_SECONDS = 1.0


class SharedEnsemble(PositionEnsemble):
    """The position ensemble, trained by its run's worker together with every other that is free."""

    def __init__(self, run: Run, reporter: RunReporter, *, alone: bool = False) -> None:
        """`alone` calls no other worker."""
        self._run = run
        self._reporter = reporter
        self._alone = alone

    def fit(self, request: FitRequest) -> FitResult:
        run, positions = self._run, request.task.positions
        if request.seconds is None:
            run.beat(epochs_planned=request.epochs * positions)
        queue_parts(run, positions)
        if not self._alone:
            # One more than others could take: Celery reserves the first for the very worker that trains here.
            for _ in range(positions):
                dispatch(PARTS_TASK, run.pk, QUEUE)
        told = _Told(self, run, request)
        while True:
            parts = list(run.parts.all())
            run.beat(progress=sum(part.progress for part in parts) / positions)
            told.take([part for part in parts if part.state == JobState.DONE])
            for part in parts:
                if part.state == JobState.FAILED:
                    raise TrainingFailed(part.error)
            going = _goes_on(run.pk) and not request.listener.should_stop()
            waiting = [part for part in parts if part.state == JobState.QUEUED]
            if going and waiting:
                self._reporter.on_stage(f"training position {waiting[0].position + 1} of {positions}")
                listener, on_validation = told.watch(waiting[0])
                watched = replace(request, on_validation=on_validation)
                _train(waiting[0].pk, self, lambda: watched, listener)  # noqa: B023
            elif any(part.state == JobState.RUNNING for part in parts):
                self._wait(parts)
            else:
                break
        # After a stop there may be something of every position, too.
        told.take([part for part in parts if part.file])
        told.forget_the_rest()
        return join_parts(self, request, told.trained)

    def _wait(self, parts: list[RunPart]) -> None:
        estimates = [part.seconds_left for part in parts if part.state == JobState.RUNNING]
        self._run.beat(
            stage="waiting for other workers",
            seconds_left=max((each for each in estimates if each is not None), default=None),
            images_per_second=None,
        )
        announce(self._run.pk)
        requeue_abandoned(self._run.parts.all())
        time.sleep(WAIT_SECONDS)


def train_parts(run_pk: int) -> None:
    """Train queued positions of a run that another worker has, until none is left; often there is none."""
    run = Run.objects.select_related("project", "preparation", "dataset").filter(pk=run_pk).first()
    if run is None:
        return
    ensemble = get_architecture(run.architecture)
    if not isinstance(ensemble, PositionEnsemble):
        return

    @cache
    def request() -> FitRequest:
        return _request(run, ensemble)

    while _goes_on(run.pk):
        part = run.parts.filter(state=JobState.QUEUED).first()
        if part is None:
            return
        _train(part.pk, ensemble, request, SilentListener())


def queue_parts(run: Run, positions: int) -> None:
    """Make a run's rows, or have another go at those that failed. What is trained already stays so."""
    for position in range(positions):
        queued = {"state": JobState.QUEUED, "queued_at": timezone.now()}
        part, _ = RunPart.objects.get_or_create(run=run, position=position, defaults=queued)
        if part.state == JobState.FAILED or not part.file:
            # Does nothing to one that is queued or running.
            part.mark_queued()


def forget_parts(run: Run) -> None:
    """Delete what is stored of a run's positions, once its model is."""
    for part in run.parts.exclude(file=""):
        part.file.delete(save=False)
        RunPart.objects.filter(pk=part.pk).update(file="")


def _goes_on(run_pk: int) -> bool:
    """Whether positions are still worth training. A run whose own worker died waits for another: they are."""
    runs = Run.objects.filter(pk=run_pk, state__in=ACTIVE_STATES, stop_requested=False)
    return runs.exclude(parts__state=JobState.FAILED).exists()


def _request(run: Run, ensemble: PositionEnsemble) -> FitRequest:
    """What `fit_reader` makes of a run for the worker that has it."""
    task = reading_task(run.project, run.preparation)
    train = run_samples(run, task, ensemble, Split.TRAIN)
    return FitRequest(
        task=task,
        hyperparameters=ensemble.parse(run.hyperparameters),
        train=train,
        validation=run_samples(run, task, ensemble, Split.VALIDATION),
        folder=run_folder(run.pk),
        seed=run.seed,
        epochs=run.max_epochs or ensemble.epochs(len(train)),
        seconds=None if run.max_minutes is None else run.max_minutes * 60,
        listener=SilentListener(),
    )


def _train(
    pk: int, ensemble: PositionEnsemble, request: Callable[[], FitRequest], listener: FitListener
) -> None:
    """Claim a position, train it and store it; do nothing where another worker was quicker."""

    @refusing()
    def work(part: RunPart) -> None:
        # Claimed before anything slow is done, such as decoding images or importing TensorFlow.
        folder = part_folder(run_folder(part.run_id), part.position)
        with (
            Heartbeat(part) as heartbeat,
            SharedCheckpoints(part.run, heartbeat, part=folder.name) as checkpoints,
        ):
            steady = SteadyListener(_PartReporter(part, heartbeat, listener), checkpoints)
            watched = replace(request(), listener=steady)
            result = fit_part(ensemble, watched, part.position)
            trained = TrainedPart.of(result)
            if trained is not None:
                _store(part, trained)
            if result.ending == "stopped":
                part.hand_back()
                return
            part.finish(JobState.DONE, progress=1.0, seconds_left=None)
        shutil.rmtree(folder, ignore_errors=True)

    work_on(RunPart.objects.select_related("run"), pk, work, _explain)


def _explain(part: RunPart, error: Exception) -> str:
    return explain_failure(f"{part} failed while training", error)


def _store(part: RunPart, trained: TrainedPart) -> None:
    """Put a position's weights where every machine can read them, in place of what was there."""
    former = part.file.name
    with tempfile.TemporaryDirectory() as folder:
        # Named by the claim, so that whoever lost it overwrites nothing.
        path = Path(folder) / f"position-{part.position + 1}-{part.claim}.npz"
        trained.write(path)
        with path.open("rb") as file:
            stored = default_storage.save(part_path(part, path.name), File(file))
    try:
        part.beat(file=stored)
    except LostClaim:
        default_storage.delete(stored)
        raise
    if former:
        default_storage.delete(former)


def _stored(part: RunPart) -> TrainedPart:
    with tempfile.TemporaryDirectory() as folder, part.file.open("rb") as stored:
        path = Path(folder) / "part.npz"
        with path.open("wb") as file:
            shutil.copyfileobj(stored, file)
        return TrainedPart.read(path)


class _PartReporter:
    """Writes a position's progress to its row, and ends its training when its run is not to go on."""

    def __init__(self, part: RunPart, heartbeat: Heartbeat, second: FitListener) -> None:
        self._part = part
        self._heartbeat = heartbeat
        self._second = second
        self._written_at = 0.0
        self._stop = False

    def on_batch(self, progress: BatchProgress) -> None:
        self._second.on_batch(progress)
        if time.monotonic() - self._written_at < REPORT_EVERY_SECONDS:
            return
        self._written_at = time.monotonic()
        self._part.beat(progress=progress.progress, seconds_left=progress.seconds_left)
        self._stop = not _goes_on(self._part.run_id)

    def on_epoch(self, metrics: EpochMetrics) -> None:
        self._second.on_epoch(metrics)

    def should_stop(self) -> bool:
        self._heartbeat.check()
        return self._stop or self._second.should_stop()


class _Told:
    """Tells a run's listener the epochs of all positions, counted through in the order in which they were trained, and
    what they read together so far.

    Those of the position that is trained here are told as they come, others' when they are done.
    """

    def __init__(self, ensemble: PositionEnsemble, run: Run, request: FitRequest) -> None:
        self.trained: dict[int, TrainedPart] = {}
        self._ensemble = ensemble
        self._run = run
        self._request = request
        self._listener = request.listener
        self._so_far = read_so_far(request)
        self._here: tuple[int, PartListener] | None = None
        self._looked_at = 0.0
        self._others = Others(progress=0)

    def take(self, parts: list[RunPart]) -> None:
        """Tell what is new of these positions, the one trained here first: its epochs are half told."""
        here = None if self._here is None else self._here[0]
        untold = [part for part in parts if part.position not in self.trained]
        for part in sorted(
            untold, key=lambda each: (each.position != here, each.finished_at or each.queued_at)
        ):
            self._take(part.position, _stored(part))

    def watch(self, part: RunPart) -> tuple[PartListener, Callable[[Validated], None] | None]:
        """Return who listens to a position that is trained here, and who is told what it reads."""
        self._looked_at = 0.0
        watching = PartListener(
            self._listener,
            positions=self._request.task.positions,
            earlier_epochs=self._epochs,
            earlier_seconds=self._seconds,
            others=lambda: self._look_at_others(part.position),
        )
        self._here = part.position, watching
        return watching, self._so_far.watch(part.position, self._epochs)

    def forget_the_rest(self) -> None:
        """Delete the epochs of an earlier attempt that took more of them."""
        self._run.history.filter(number__gt=self._epochs).delete()

    @property
    def _epochs(self) -> int:
        return sum(len(part.history) for part in self.trained.values())

    @property
    def _seconds(self) -> float:
        return sum(part.seconds for part in self.trained.values())

    def _take(self, position: int, trained: TrainedPart) -> None:
        untold = len(trained.history)
        if self._here is not None:
            here, listened = self._here
            if here == position and listened.earlier_epochs == self._epochs:
                # Before those that were heard here are those from before an interruption.
                untold -= listened.epochs_told
        for metrics in trained.history[:untold]:
            number, seconds = metrics.epoch + self._epochs, metrics.seconds + self._seconds
            self._listener.on_epoch(replace(metrics, epoch=number, seconds=seconds))
        earlier_epochs = self._epochs
        self.trained[position] = trained
        self._run.beat(epoch=self._epochs)
        take_in(self._so_far, self._ensemble, self._request, position, trained, earlier_epochs)

    def _look_at_others(self, position: int) -> Others:
        if time.monotonic() - self._looked_at >= REPORT_EVERY_SECONDS:
            self._looked_at = time.monotonic()
            rows = self._run.parts.exclude(position=position).values_list("state", "progress")
            workers = 1 + sum(state == JobState.RUNNING for state, _ in rows)
            self._others = Others(sum(progress for _, progress in rows), workers)
        return self._others
