"""Every published recipe on real captchas: one split of `wilhelmy`, ninety seconds each, the slicing that suits each.

One fold rather than five, as each of so many readers takes minutes; the default is trained on that fold, too.
"""

from collections.abc import Iterator

from benchmarks.accuracy import images, letters, wilhelmy
from benchmarks.accuracy.cells import Cell
from benchmarks.accuracy.fitting import Training
from benchmarks.accuracy.splits import hold_out
from benchmarks.common import sized
from training.recognition.architectures import ARCHITECTURES

FOLD = 0
MINUTES = sized(1.5, 0.1)


def cells() -> Iterator[Cell]:
    for name, architecture in ARCHITECTURES.items():
        task = letters.TASK if architecture.needs_slices else wilhelmy.TASK
        training = Training(name, task, MINUTES)
        yield Cell(
            row="recipes",
            label=f"`wilhelmy`, first of 5 folds, `{name}`",
            name=name,
            unit="whole-string",
            target=None,
            settings=training.settings() | {"fold": FOLD, "folds": wilhelmy.FOLDS},
            measure=lambda training=training: training.run(
                *hold_out(images.wilhelmy(), FOLD, wilhelmy.FOLDS)
            ),
        )
