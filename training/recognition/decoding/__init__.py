"""From a network's probabilities to the most probable text that the task allows, exactly and in NumPy alone."""

from training.recognition.decoding.decoded import Decoded
from training.recognition.decoding.lattice import LatticeDecoder
from training.recognition.decoding.positions import PositionDecoder
from training.recognition.decoding.protocol import Decoder

DECODERS: dict[str, Decoder] = {each.name: each for each in (PositionDecoder(), LatticeDecoder())}


class UnknownDecoder(ValueError):
    """No decoder has that name; the message is a sentence for people."""


def get_decoder(name: str) -> Decoder:
    """The decoder of that name. Raises UnknownDecoder listing the names there are."""
    try:
        return DECODERS[name]
    except KeyError as error:
        raise UnknownDecoder(f"There is no decoder {name!r}: choose one of {', '.join(DECODERS)}.") from error


__all__ = [
    "DECODERS",
    "Decoded",
    "Decoder",
    "LatticeDecoder",
    "PositionDecoder",
    "UnknownDecoder",
    "get_decoder",
]
