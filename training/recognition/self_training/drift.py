"""When another round would do more harm than good."""

from __future__ import annotations

from training.recognition.self_training.pseudo_labels import PseudoLabels
from training.recognition.self_training.round import Round
from training.recognition.self_training.taking import variety

FEWEST = 10
"""With fewer pseudo-labels a round teaches next to nothing."""

LEAST_PRECISION = 0.8
LEAST_AGREEMENT = 0.75
"""A student that reads some of what it was taught differently corrects its teacher; one that reads much differently
does not know what it does."""

LEAST_VARIETY = 0.5
"""Of the characters in effect that the former round had."""

UNCHANGED = 0.995
"""Pseudo-labels of which so many are the former ones, and hardly more of them, teach nothing new."""


def why_not(labels: PseudoLabels, told: Round, former: PseudoLabels | None, before: Round | None) -> str:
    """A sentence where a round with these pseudo-labels should not be trained; else an empty text."""
    if told.taken < FEWEST:
        return f"Only {told.taken} unlabelled images are read surely enough to learn from."
    if told.estimated_precision < LEAST_PRECISION:
        return (
            f"Only about {told.estimated_precision:.0%} of these readings are right, so learning from them would "
            "spread mistakes."
        )
    if former is None or before is None:
        return ""
    if told.agreement is not None and told.agreement < LEAST_AGREEMENT:
        return (
            f"Of the texts learnt in the round before, {1 - told.agreement:.0%} are read differently now: the reader "
            "does not settle."
        )
    if told.estimated_precision < before.low:
        return "The readings are estimated to be clearly less right than in the round before."
    if variety(labels.taken_texts) < LEAST_VARIETY * variety(former.taken_texts):
        return "The readings have come to use far fewer characters than in the round before."
    if labels.same_as(former) >= UNCHANGED and told.taken <= before.taken / UNCHANGED:
        return "The readings are the same as in the round before: there is nothing new to learn."
    return ""
