"""A listener of the training of a refiner."""

from __future__ import annotations

from training.recognition.refinement import (
    PictureRows,
    RefinementCheckpoint,
    RefinementProgress,
    SilentRefinementListener,
)


class Watcher(SilentRefinementListener):
    """Remembers everything; stops after so many reports."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.progress: list[RefinementProgress] = []
        self.checkpoints: list[RefinementCheckpoint] = []
        self.rows: list[PictureRows] = []
        self.stop_after = stop_after

    def on_progress(self, progress: RefinementProgress) -> None:
        self.progress.append(progress)

    def on_checkpoint(self, checkpoint: RefinementCheckpoint, rows: PictureRows) -> None:
        self.checkpoints.append(checkpoint)
        self.rows.append(rows)

    def should_stop(self) -> bool:
        return self.stop_after is not None and len(self.progress) >= self.stop_after
