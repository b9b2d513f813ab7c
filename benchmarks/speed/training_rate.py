"""Images per second while training, as FLOP/s beside what the machine reaches in large matrix products."""

import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.common import save, sized
from benchmarks.speed.flops import MatrixProducts, forward_flops
from benchmarks.speed.readers import Timed, timed
from benchmarks.speed.timing import ratio, summary
from training.recognition.architectures import get_architecture
from training.recognition.data import build_samples
from training.recognition.fit import fit_reader
from training.recognition.operations import TRAINING
from training.recognition.progress import BatchProgress, EpochMetrics, SilentListener

EPOCHS = sized(30, 3)
BATCHES = 10
"""Batches per epoch: the same 64 images again and again, which costs the same as others."""


class Stopwatch(SilentListener):
    """After each epoch but the first, in which the network is compiled: the seconds of a batch, and the machine's
    matrix products at that moment, so that whatever else runs slows both alike. Validation does not count."""

    def __init__(self) -> None:
        self.products = MatrixProducts()
        self.last = 0.0
        self.batches: list[float] = []
        self.seconds: list[float] = []
        self.peaks: list[float] = []

    def on_batch(self, progress: BatchProgress) -> None:
        now = time.perf_counter()
        if progress.batch > 1:
            self.batches.append(now - self.last)
        self.last = now

    def on_epoch(self, metrics: EpochMetrics) -> None:
        if metrics.epoch > 1 and self.batches:
            self.seconds.append(statistics.median(self.batches))
            self.peaks.append(self.products.flops_per_second())
        self.batches = []


def main() -> None:
    for each in timed():
        forward = forward_flops(each.network().network)
        stopwatch = _train(each)
        rates = [_batch_size(each) / one for one in stopwatch.seconds]
        achieved = [rate * forward * TRAINING for rate in rates]
        save(
            f"speed/training_{each.architecture}",
            {
                "images_per_second": summary(rates),
                "forward_flops_per_image": forward,
                "training_flops_per_second": summary(achieved),
                "matrix_product_flops_per_second": summary(stopwatch.peaks),
                "share_of_peak": ratio(achieved, stopwatch.peaks),
            },
        )


def _batch_size(each: Timed) -> int:
    return get_architecture(each.architecture).parse(None).batch_size


def _train(each: Timed) -> Stopwatch:
    architecture = get_architecture(each.architecture)
    pairs = [(image.pixels, image.text) for image in each.images]
    samples = build_samples(pairs, each.task, architecture)
    repeated = samples.take(index % len(samples) for index in range(BATCHES * _batch_size(each)))
    stopwatch = Stopwatch()
    with tempfile.TemporaryDirectory() as folder:
        fit_reader(
            task=each.task,
            architecture=each.architecture,
            hyperparameters={"patience": 10_000},
            train=repeated,
            validation=samples.take(range(8)),
            folder=Path(folder),
            max_epochs=EPOCHS,
            listener=stopwatch,
        )
    return stopwatch


if __name__ == "__main__":
    main()
