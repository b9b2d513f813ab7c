"""What recognition and imaging say about bad input, as what services say about it."""

from collections.abc import Iterator
from contextlib import contextmanager

from labeling.errors import Refused
from labeling.imaging.decode import UnreadableImage
from labeling.imaging.recipe import InvalidRecipe
from training.recognition.architectures import InvalidHyperparameters, UnknownArchitecture
from training.recognition.progress import TrainingFailed
from training.recognition.task import InvalidTask, TextDoesNotFit

SENTENCES = (
    UnknownArchitecture,
    InvalidHyperparameters,
    InvalidTask,
    InvalidRecipe,
    TextDoesNotFit,
    TrainingFailed,
    UnreadableImage,
)
"""Errors whose message is a sentence for people."""


@contextmanager
def refusing() -> Iterator[None]:
    """Let whatever says in a sentence why it cannot work be a refusal.

    Raises:
        Refused: with that sentence.
    """
    try:
        yield
    except SENTENCES as error:
        raise Refused(str(error)) from None
