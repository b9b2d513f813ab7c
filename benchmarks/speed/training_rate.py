"""Images per second while training, as FLOP/s beside what the machine reaches in large matrix products."""

import tempfile
import time
from pathlib import Path

from benchmarks.common import save, sized
from benchmarks.speed.flops import TRAINING, forward_flops, matrix_product_peak
from benchmarks.speed.readers import Timed, timed
from benchmarks.speed.timing import summary
from training.recognition.architectures import get_architecture
from training.recognition.data import build_samples
from training.recognition.fit import fit_reader
from training.recognition.progress import BatchProgress, SilentListener

MINUTES = sized(1.0, 0.05)
WARM_UP = sized(10, 1)
EPOCH = 20
"""Batches per epoch: the same 64 images again and again, which costs the same as others."""


class Stopwatch(SilentListener):
    """Keeps the seconds from batch to batch within an epoch, so that validation does not count."""

    def __init__(self) -> None:
        self.last = 0.0
        self.seconds: list[float] = []

    def on_batch(self, progress: BatchProgress) -> None:
        now = time.perf_counter()
        if progress.batch > 1:
            self.seconds.append(now - self.last)
        self.last = now


def main() -> None:
    for each in timed():
        before = matrix_product_peak()
        rates = [_batch_size(each) / one for one in _seconds_per_batch(each)]
        after = matrix_product_peak()
        forward = forward_flops(each.network().network)
        speed = summary(rates)
        peak = (before["median"] + after["median"]) / 2
        save(
            f"speed/training_{each.architecture}",
            {
                "images_per_second": speed,
                "forward_flops_per_image": forward,
                "training_flops_per_second": speed["median"] * forward * TRAINING,
                "matrix_product_flops_per_second": peak,
                "matrix_product_before_and_after": [before, after],
                "share_of_peak": {
                    name: round(speed[name] * forward * TRAINING / peak, 4)
                    for name in ("median", "low", "high")
                },
            },
        )


def _batch_size(each: Timed) -> int:
    return get_architecture(each.architecture).parse(None).batch_size


def _seconds_per_batch(each: Timed) -> list[float]:
    architecture = get_architecture(each.architecture)
    pairs = [(image.pixels, image.text) for image in each.images]
    samples = build_samples(pairs, each.task, architecture)
    repeated = samples.take(index % len(samples) for index in range(EPOCH * _batch_size(each)))
    stopwatch = Stopwatch()
    with tempfile.TemporaryDirectory() as folder:
        fit_reader(
            task=each.task,
            architecture=each.architecture,
            hyperparameters={"patience": 10_000},
            train=repeated,
            validation=samples.take(range(8)),
            folder=Path(folder),
            max_epochs=10_000,
            max_minutes=MINUTES,
            listener=stopwatch,
        )
    return stopwatch.seconds[WARM_UP:]


if __name__ == "__main__":
    main()
