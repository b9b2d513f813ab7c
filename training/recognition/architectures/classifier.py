"""The last layer of `slots` and `ctc`: from features to the logits of a task's symbols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from training.recognition.starter import CLASSIFIER, forms_of_task

if TYPE_CHECKING:
    from training.recognition.task import ReadingTask


def classified(features: Any, task: ReadingTask, symbols: int) -> Any:
    """Symbolic features (n, steps, features) to logits (n, steps, symbols): the task's characters, and what comes
    after them where there are more symbols.

    Where case does not matter, a letter has two logits of its own, one for each of its forms, and is as probable as
    both together: the starter knows g and G apart, and what lies half-way between them looks like neither.
    """
    from keras import layers

    owners = [index for index, _ in forms_of_task(task)] + list(range(len(task.alphabet), symbols))
    logits = layers.Dense(len(owners), name=CLASSIFIER)(features)
    if len(owners) == symbols:
        return logits
    from training.recognition.architectures.either_form import EitherForm

    return EitherForm(owners, name="either_form")(logits)
