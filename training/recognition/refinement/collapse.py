"""When a training of a refiner is over before its time, told by measured criteria, and in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from training.recognition.refinement.progress import RefinementCheckpoint

Collapse = Literal["nothing to refine", "discriminator won", "all alike", "text lost", "not finite"]

RefinerEnding = Literal["finished", "out of time", "stopped"] | Collapse

LEAST_TEXT = 0.5
"""Below this, refined pictures no longer show the text of their synthetic ones."""

LEAST_VARIETY = 0.25
"""Refined pictures that vary less than so many times the least varied of synthetic and real ones all look alike."""

LOST_FOR = 2
"""Checkpoints in a row: a single one may be a swing of the two networks' game."""

WON_ACCURACY = 0.99
WON_FOOLED = 0.01
WON_FOR = 5
"""Checkpoints in a row in which the discriminator judges nearly all patches rightly, takes hardly a refined one for
real, and refined pictures came no closer: what it tells the refiner then leads nowhere."""


def cannot_tell(separation: float, by_chance: float) -> bool:
    """Whether a discriminator that was taught to tell synthetic from real pictures does no better than chance."""
    return separation <= by_chance


def find_collapse(history: Sequence[RefinementCheckpoint]) -> Collapse | None:
    """What the last checkpoints show; None while the training may go on. Pictures that all look alike have lost their
    text, too, so that is asked first."""
    lately = [each for each in history[-LOST_FOR:] if each.round]
    if len(lately) == LOST_FOR:
        if all(each.variety < LEAST_VARIETY for each in lately):
            return "all alike"
        if all(not keeps_text(each) for each in lately):
            return "text lost"
    return "discriminator won" if _has_won(history) else None


def keeps_text(checkpoint: RefinementCheckpoint) -> bool:
    """Whether a refiner may be used."""
    return checkpoint.text_kept >= LEAST_TEXT and checkpoint.variety >= LEAST_VARIETY


def _has_won(history: Sequence[RefinementCheckpoint]) -> bool:
    lately = [each for each in history[-WON_FOR:] if each.round]
    if len(lately) < WON_FOR or any(each.best for each in lately):
        return False
    return all(
        each.discriminator_accuracy is not None
        and each.discriminator_accuracy >= WON_ACCURACY
        and each.fooled is not None
        and each.fooled <= WON_FOOLED
        for each in lately
    )


MESSAGES: dict[RefinerEnding, str] = {
    "nothing to refine": (
        "After {steps} steps the discriminator cannot tell synthetic from real pictures: of one of each, it finds the "
        "real one in {separation:.0%}, and by chance in up to {by_chance:.0%}. There is nothing that a refiner could "
        "learn from it. Train on the synthetic pictures as they are."
    ),
    "discriminator won": (
        "The discriminator tells {accuracy:.0%} of all patches and takes {fooled:.1%} of the refined ones for real, "
        "without refined pictures coming closer: the refiner learns nothing from it any more. Bring the synthetic "
        "pictures closer to the real ones (ground, colours, size), then refine again."
    ),
    "all alike": (
        "Refined pictures all look alike: they vary {variety:.0%} as much as they should. Looks have driven out the "
        "text. Raise the weight of self-regularisation, or give it more varied real pictures."
    ),
    "text lost": (
        "Refined pictures lose their text: {text_kept:.0%} of the strokes' pattern is left. Raise the weight of "
        "self-regularisation, or check that the real pictures show a text."
    ),
    "not finite": (
        "A loss is no finite number any more after round {round}: the training broke down. Lower the learning rates."
    ),
}
