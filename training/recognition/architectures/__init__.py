"""The registry of architectures: a new one is one module and one line below."""

from training.recognition.architectures.base import Architecture
from training.recognition.architectures.ctc import CTC
from training.recognition.architectures.hyperparameters import (
    HyperparameterField,
    Hyperparameters,
    InvalidHyperparameters,
    NetworkHyperparameters,
)
from training.recognition.architectures.letter_cnn import LetterCNN
from training.recognition.architectures.multi_head import MultiHead
from training.recognition.architectures.network import Network
from training.recognition.architectures.position_ensemble import PositionEnsemble
from training.recognition.architectures.random_forest import RandomForest
from training.recognition.architectures.slots import Slots
from training.recognition.architectures.tiny_vgg import TinyVGG
from training.recognition.architectures.two_conv import TwoConv
from training.recognition.task import ReadingTask

ARCHITECTURES: dict[str, Architecture] = {
    each.name: each
    for each in (
        Slots(),
        CTC(),
        TinyVGG(),
        TwoConv(),
        LetterCNN(),
        RandomForest(),
        MultiHead(),
        PositionEnsemble(),
    )
}


FEW_IMAGES = 80
"""With fewer labelled images, `ctc` reads more than `slots`: it keeps a share of the starter, while the attention of
`slots` has to be learnt from nothing (docs/recognition.md has the figures)."""


def default_architecture(task: ReadingTask, images: int | None = None) -> Architecture:
    """The one to choose first: `slots` for texts of one length, `ctc` for a range of lengths and where there are only a
    few labelled images. `images` is how many there are, None where there are plenty."""
    are_few = images is not None and images < FEW_IMAGES
    return ARCHITECTURES[Slots.name if task.fixed_length and not are_few else CTC.name]


class UnknownArchitecture(ValueError):
    """No architecture has that name; the message is a sentence for people."""


def get_architecture(name: str) -> Architecture:
    """The architecture of that name. Raises UnknownArchitecture listing the names there are."""
    try:
        return ARCHITECTURES[name]
    except KeyError as error:
        known = ", ".join(ARCHITECTURES)
        raise UnknownArchitecture(f"There is no architecture {name!r}: choose one of {known}.") from error


__all__ = [
    "ARCHITECTURES",
    "FEW_IMAGES",
    "Architecture",
    "HyperparameterField",
    "Hyperparameters",
    "InvalidHyperparameters",
    "Network",
    "NetworkHyperparameters",
    "UnknownArchitecture",
    "default_architecture",
    "get_architecture",
]
