"""From a project and a preparation to what a reader has to read."""

from labeling.models import Preparation, Project
from training.recognition.alphabets import Alphabet
from training.recognition.task import ReadingTask


def reading_task(project: Project, preparation: Preparation) -> ReadingTask:
    """Return the reading task of a project under one of its preparations."""
    return ReadingTask(
        alphabet=Alphabet(project.alphabet),
        min_length=project.min_length,
        max_length=project.max_length,
        case_sensitive=project.case_sensitive,
        recipe=preparation.recipe,
    )
