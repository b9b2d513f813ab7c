"""One training per cell: of one variant, on one set, with one seed."""

import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.ablation.readers import Finished, RawWeights
from benchmarks.ablation.sets import SETS, FewLabels, digest
from benchmarks.ablation.variants import TRAININGS, Variant
from benchmarks.accuracy.cells import Cell
from benchmarks.accuracy.fitting import beginning
from benchmarks.accuracy.images import Labelled
from benchmarks.accuracy.splits import training_and_validation
from benchmarks.common import sized
from training.recognition.augmentation import Augmentation
from training.recognition.backend import load_keras
from training.recognition.data import Samples, build_samples
from training.recognition.fit import EpochMetrics, fit_reader
from training.recognition.trained import TrainedNetwork

SEEDS = sized((0, 1), (0,))


class AblationCell(Cell):
    @property
    def path(self) -> str:
        return f"ablation/{self.name}"


def cells() -> Iterator[AblationCell]:
    """Variant by variant, so that whatever is there can be compared."""
    for sharing in TRAININGS:
        for few in SETS.values():
            for seed in SEEDS:
                yield cell(sharing, few, seed)


def cell(sharing: Sequence[Variant], few: FewLabels, seed: int) -> AblationCell:
    """A training on few labels, read with in all ways that share it."""
    trained, (labels, measured) = sharing[0], few.split()
    chosen = trained.architecture.parse(trained.hyperparameters)
    return AblationCell(
        row="ablation",
        label=trained.title,
        name=f"{trained.name}-{few.name}-{seed}",
        unit="whole-string",
        target=None,
        settings={
            "set": few.name,
            "labels": digest(labels),
            "measured": digest(measured),
            "epochs": few.epochs,
            "seed": seed,
            "architecture": trained.architecture.name,
            **beginning(chosen),
            "variants": [variant.name for variant in sharing],
        },
        measure=lambda: measure(sharing, few, seed),
    )


def measure(sharing: Sequence[Variant], few: FewLabels, seed: int) -> dict[str, Any]:
    """Trains as the product does, but for a number of epochs instead of minutes: what else the machine does must not
    decide how much is learnt.

    `outcomes` has per variant one digit per measured image: 1 read right, 0 not.
    """
    trained, (labels, measured) = sharing[0], few.split()
    train, validation = training_and_validation(labels)
    load_keras().utils.clear_session()
    with tempfile.TemporaryDirectory() as folder:
        listener = RawWeights(Path(folder))
        learnt = samples(train, trained, few)
        fitted = fit_reader(
            task=few.task,
            architecture=trained.architecture,
            hyperparameters=trained.hyperparameters,
            train=learnt,
            validation=samples(validation, trained, few),
            folder=Path(folder),
            seed=seed,
            max_epochs=few.epochs,
            listener=listener,
        )
    assert isinstance(fitted.model, TrainedNetwork)
    augmentation = Augmentation.of(trained.architecture.parse(trained.hyperparameters))
    finished = Finished(fitted.model, listener.epochs, learnt, augmentation, seed)
    questions = samples(measured, trained, few)
    outcomes, milliseconds = {}, {}
    for variant in sharing:
        readings = variant.read(finished, questions)
        outcomes[variant.name] = "".join(
            str(int(truth == reading)) for truth, reading in zip(questions.texts, readings, strict=True)
        )
        # Once more, as the first time prepares what is kept.
        started = time.perf_counter()
        variant.read(finished, questions)
        milliseconds[variant.name] = round(1000 * (time.perf_counter() - started) / len(questions), 3)
    return {
        "n": len(questions),
        "right": outcomes[trained.name].count("1"),
        "outcomes": outcomes,
        "milliseconds_per_image": milliseconds,
        "trained_on": len(train),
        "validated_on": len(validation),
        "parameters": fitted.model.parameter_count,
        "epochs": len(fitted.history),
        "ending": fitted.ending,
        "seconds_training": round(fitted.seconds, 1),
        "seconds_per_epoch": seconds_per_epoch(fitted.history),
    }


def seconds_per_epoch(history: Sequence[EpochMetrics]) -> float:
    """The median, as what else the machine does stretches some."""
    ends = [epoch.seconds for epoch in history]
    return round(statistics.median(end - start for start, end in pairwise(ends)), 3)


def samples(images: Sequence[Labelled], variant: Variant, few: FewLabels) -> Samples:
    """What the variant's network looks at."""
    pairs = ((image.pixels, image.text) for image in images)
    return build_samples(pairs, few.task, variant.architecture, variant.hyperparameters)
