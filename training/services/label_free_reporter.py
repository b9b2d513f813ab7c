"""What a training without labels tells while it goes on, written to its row."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.core.files.storage import default_storage
from django.utils import timezone

from labeling.imaging.arrays import Pixels
from labeling.jobs import JobState, LostClaim
from labeling.outages import outlasting
from training.live import announce
from training.models import LabelFree, Run
from training.recognition.fit import BatchProgress, EpochMetrics, FitListener
from training.recognition.refinement import PictureRows, RefinementCheckpoint, RefinerResult
from training.recognition.self_training import Round
from training.recognition.synthesis.fitting import FittedStyle, NothingToFit
from training.recognition.synthesis.fitting.two_sample import tell_apart
from training.services.label_free_json import closeness_json, finding_json, font_json
from training.services.label_free_pictures import PictureRow, picture_rows, store_row, thinned
from training.services.run_companions import Companions
from training.services.run_notes import add_note

WAITING, RUNNING, DONE, STOPPED, LEFT_OUT = "waiting", "running", "done", "stopped", "left-out"
WRITE_EVERY_SECONDS = 1.0
HEALTHY_ENDINGS = ("finished", "out of time", "stopped")


class StoppedEarly(Exception):
    """Somebody stopped the training before a reader was begun."""


class LabelFreeReporter:
    """Watches all stages of a claimed run: keeps their times, the style, sample pictures and rounds, and passes on what
    every training tells."""

    def __init__(self, run: Run, companions: Companions, *, real: Sequence[Pixels]) -> None:
        """`real` are the images that are learnt from."""
        self._run = run
        self._row: LabelFree = run.label_free
        self._reporter = companions.reporter
        self._training: FitListener = companions.watching["listener"]
        self._real = real
        # The reader's own training goes on behind this epoch.
        self._before, self._last = 0, companions.checkpoints.epochs_done
        self._began = timezone.now()
        self._written_at = 0.0
        self._stages = {each["name"]: each for each in self._row.stages} or planned_stages(self._row)
        for each in self._stages.values():
            if each["state"] != DONE:
                each["state"] = WAITING

    @property
    def style(self) -> dict[str, Any] | None:
        """The style that is known already: a person's, or that of an attempt that was interrupted."""
        style: dict[str, Any] | None = self._row.style
        return style

    # --- Stages ---

    def on_stage(self, stage: str) -> None:
        """A stage begins, and the one before it is done."""
        if stage not in ("fitting", "self-training"):
            # Stages that are bounded by nothing but their own work: none of them is begun in vain.
            self._end_if_stopped()
        if self._stages.get(stage, {}).get("state") == RUNNING:
            return
        self._end_running(DONE)
        if stage == "self-training":
            # It counts its epochs from 1; here they are one history with those of the reader that it goes on from.
            self._before = self._last
        self._began = timezone.now()
        begun = self._stages.setdefault(stage, {"name": stage, "seconds": 0.0})
        begun |= {"state": RUNNING, "since": self._began.isoformat(), "progress": 0.0, "note": ""}
        self._write(stages=list(self._stages.values()))
        outlasting(lambda: self._run.beat(progress=0.0, batch=0, batches=0, seconds_left=None))
        outlasting(lambda: self._reporter.on_stage(stage))

    def on_share(self, share: float, doing: str) -> None:
        """How much of the running stage is done, 0..1, and what is being done."""
        self._tell(share, doing)

    def end(self, *, stopped: bool) -> None:
        """The pipeline is over; what ran last is done, or was stopped."""
        self._end_running(STOPPED if stopped else DONE)
        self._write(stages=list(self._stages.values()))

    # --- What stages come to ---

    def on_fitted(self, fitted: FittedStyle) -> None:
        """The style is known, and how close it comes. One that was stopped half-way is not kept."""
        self._end_if_stopped()
        self._write(
            style=fitted.style.to_json(),
            fonts=[font_json(each) for each in fitted.fonts],
            findings=[finding_json(each) for each in fitted.findings],
            closeness=closeness_json(fitted.closeness),
        )

    def on_drawn(self, pictures: Sequence[Pixels], texts: Sequence[str]) -> None:
        """Show some drawn pictures with their texts."""
        row = store_row(self._row, "drawn", [picture[:, :, :3] for picture in pictures], texts=texts)
        self._keep([*(each for each in picture_rows(self._row) if each.kind != "drawn"), row])
        if self._row.closeness is None:
            self._compare(pictures)

    def on_refined(self, checkpoint: RefinementCheckpoint, rows: PictureRows) -> None:
        """Show what the refiner makes of some pictures at a checkpoint."""
        losses = {
            "refiner": checkpoint.adversarial_loss,
            "discriminator": checkpoint.discriminator_loss,
            "distance": checkpoint.patch_distance,
        }
        known = {name: float(value) for name, value in losses.items() if value is not None}
        named = {"as drawn": rows.synthetic, "refined": rows.refined, "real": rows.real}
        new = [
            store_row(self._row, kind, list(pictures), step=checkpoint.round, losses=known)
            for kind, pictures in named.items()
        ]
        before = picture_rows(self._row)
        earlier = [each for each in before if each.kind == "drawn" or each.step < checkpoint.round]
        self._keep(thinned([*earlier, *new]))

    def on_refiner(self, result: RefinerResult) -> None:
        """How refining ended: a message where it collapsed."""
        self._say("refining", result.message)
        if result.ending not in HEALTHY_ENDINGS:
            add_note(self._run, result.message)

    def on_round(self, completed: Round) -> None:
        """A round of self-training came further."""
        outlasting(lambda: self._reporter.on_round(completed))

    def on_left_out(self, stage: str, why: str) -> None:
        """A stage is not begun."""
        self._end_running(DONE)
        self._stages[stage]["state"] = LEFT_OUT
        self._say(stage, why)

    # --- What every training tells ---

    def on_batch(self, progress: BatchProgress) -> None:
        self._training.on_batch(replace(progress, epoch=progress.epoch + self._before))

    def on_epoch(self, metrics: EpochMetrics) -> None:
        self._last = metrics.epoch + self._before
        self._training.on_epoch(replace(metrics, epoch=self._last))

    def should_stop(self) -> bool:
        # Fitting and refining do not tell of batches, with which the stop flag is looked at.
        self._look()
        return self._training.should_stop()

    # --- Writing ---

    def _look(self) -> None:
        if time.monotonic() - self._written_at > WRITE_EVERY_SECONDS:
            self._written_at = time.monotonic()
            outlasting(self._reporter.look)

    def _end_if_stopped(self) -> None:
        self._written_at = 0.0
        if self.should_stop():
            raise StoppedEarly

    def _tell(self, share: float, note: str | None = None) -> None:
        running = next((each for each in self._stages.values() if each["state"] == RUNNING), None)
        if running is None:
            return
        running["progress"] = share
        is_new = note is not None and note != running.get("note")
        if note is not None:
            running["note"] = note
        if is_new or time.monotonic() - self._written_at > WRITE_EVERY_SECONDS:
            self._written_at = time.monotonic()
            outlasting(lambda: self._run.beat(progress=share))
            self._write(stages=list(self._stages.values()))
            if running["name"] == "drawing":
                # Fitting and refining ask for themselves whether they should stop.
                self._end_if_stopped()

    def _compare(self, drawn: Sequence[Pixels]) -> None:
        """Tell how close images come that are drawn in an adjusted style; of others, fitting has told it."""
        try:
            closeness = tell_apart(self._real, drawn, self._run.seed)
        except NothingToFit:
            return
        self._write(closeness=closeness_json(closeness))

    def _end_running(self, state: str) -> None:
        now = timezone.now()
        for stage in self._stages.values():
            if stage["state"] == RUNNING:
                stage["state"] = state
                stage["seconds"] = stage.get("seconds", 0.0) + (now - self._began).total_seconds()

    def _say(self, stage: str, message: str) -> None:
        self._stages[stage]["message"] = message
        self._write(stages=list(self._stages.values()))

    def _keep(self, rows: Sequence[PictureRow]) -> None:
        gone = {each.file for each in picture_rows(self._row)} - {each.file for each in rows}
        self._write(pictures=[each.to_json() for each in rows])
        for name in gone:
            default_storage.delete(name)

    def _write(self, **changes: Any) -> None:
        owned = LabelFree.objects.filter(
            pk=self._run.pk, run__claim=self._run.claim, run__state=JobState.RUNNING
        )
        if outlasting(lambda: owned.update(written_at=timezone.now(), **changes)) != 1:
            raise LostClaim(str(self._run))
        for name, value in changes.items():
            setattr(self._row, name, value)
        announce(self._run.pk)


def planned_stages(row: LabelFree) -> dict[str, dict[str, Any]]:
    """Return the stages that a run has, by their names, all of them waiting."""
    names = [] if row.is_adjusted else ["fitting"]
    names += ["drawing"]
    names += ["refining"] if row.options.get("refine") else []
    names += ["training"]
    names += ["self-training"] if row.options.get("self_train") else []
    return {name: {"name": name, "state": WAITING, "seconds": 0.0} for name in names}
