"""Measuring how strong a project's images are against machines: what is trained for it, and what that reads."""

from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from labeling.models import Project
from training.models import Split
from training.recognition.backend import describe_backend
from training.recognition.comparison import PairedComparison
from training.recognition.confusion import Confusion
from training.recognition.data import Samples, build_samples, open_samples
from training.recognition.disturbances import DISTURBANCES, Disturbance
from training.recognition.fit import FitListener
from training.recognition.learning_curve import learning_curve, timed_fit
from training.recognition.picture_properties import Halves, halves, properties_of
from training.recognition.trained import TrainedModel
from training.services.datasets import decoded_items
from training.services.machine import this_machine
from training.services.studies import Study, Wish, open_study
from training.strength_measured import FORMAT, Disturbed, StrengthMeasured

Begin = Callable[[str], FitListener]
"""Is told what the next reader is for, and returns who listens to its training."""


def measure_strength(
    *,
    project: Project,
    wish: Wish,
    sizes: int,
    begin: Begin,
    on_study: Callable[[Path], None] = lambda folder: None,
    on_reader: Callable[[], None] = lambda: None,
) -> StrengthMeasured:
    """Train readers with ever more labels, then one for each kind of noise, and measure all on the same test images,
    which none of them sees. Interrupted, the same call goes on where it was.

    Args:
        sizes: numbers of labels; each is half of the next one, up to all of them.
        on_study: is told the folder that keeps the readers until all are done.
        on_reader: is told after each reader.

    Raises:
        Refused: it cannot work, in words that say what to change.
    """
    with open_study(project, wish, {"strength": FORMAT, "sizes": sizes}) as study:
        on_study(study.folder)
        teaching = study.images(study.dataset.items.exclude(split=Split.TEST))
        tested = study.images(study.dataset.items.filter(split=Split.TEST))
        keys, train, test = (
            study.keys(teaching),
            study.samples(teaching, "train"),
            study.samples(tested, "test"),
        )
        newest: deque[TrainedModel] = deque(maxlen=1)
        points = learning_curve(
            task=study.task,
            samples=train,
            keys=keys,
            test=test,
            folder=study.folder,
            points=sizes,
            listeners=lambda labels: begin(f"training on {labels:,} labels"),
            on_point=lambda point: on_reader(),
            on_reader=newest.append,
            **study.how_to_train(),
        )
        reader = newest[0]
        read = _texts(reader, test)
        as_they_are = _right(test, read)
        disturbed = []
        for each in DISTURBANCES:
            disturbed.append(_disturb(study, each, keys, reader, as_they_are, begin))
            on_reader()
        return StrengthMeasured(
            dataset={
                "number": study.dataset.number,
                "hash": study.dataset.hash,
                "train": study.dataset.train_count,
                "validation": study.dataset.validation_count,
                "test": study.dataset.test_count,
            },
            machine=this_machine() | (describe_backend() if study.architecture.learns_in_steps else {}),
            points=points,
            confusion=Confusion.between(test.texts, read),
            halves=tuple(_halves(study, as_they_are)),
            disturbed=tuple(disturbed),
        )


def _right(samples: Samples, readings: Sequence[str]) -> list[bool]:
    return [text == reading for text, reading in zip(samples.texts, readings, strict=True)]


def _halves(study: Study, right: Sequence[bool]) -> list[Halves]:
    tested = decoded_items(study.dataset.items.filter(split=Split.TEST))
    return halves([properties_of(pixels, text) for pixels, text in tested], right)


def _disturb(
    study: Study,
    kind: Disturbance,
    keys: Sequence[str],
    reader: TrainedModel,
    as_they_are: Sequence[bool],
    begin: Begin,
) -> Disturbed:
    """Add a kind of noise to all images, and see who still reads the test images among them."""
    folder = study.folder / kind.name
    train = _disturbed_samples(study, kind, folder / "train", study.dataset.items.exclude(split=Split.TEST))
    test = _disturbed_samples(study, kind, folder / "test", study.dataset.items.filter(split=Split.TEST))
    fit = timed_fit(
        task=study.task,
        samples=train,
        keys=keys,
        folder=folder,
        listener=begin(f"training with noise: {kind.title.lower()}"),
        **study.how_to_train(),
    )
    unseen, learnt = (
        PairedComparison.of(zip(as_they_are, _right(test, _texts(each, test)), strict=True))
        for each in (reader, fit.model)
    )
    return Disturbed(kind.name, unseen, learnt, fit.cpu_seconds)


def _texts(reader: TrainedModel, samples: Samples) -> list[str]:
    return [reading.text for reading in reader.read(samples)]


def _disturbed_samples(study: Study, kind: Disturbance, folder: Path, items: Any) -> Samples:
    try:
        return open_samples(folder)
    except FileNotFoundError:
        noisy = kind.of_all(decoded_items(items), study.wish.seed)
        return build_samples(noisy, study.task, study.architecture, study.wish.hyperparameters, folder)
