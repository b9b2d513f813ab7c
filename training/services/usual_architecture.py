"""What a training takes where nobody chooses an architecture."""

from labeling.models import Project, ProjectCounts
from training.recognition.architectures import Architecture, default_architecture
from training.recognition.task import ReadingTask


def usual_architecture(project: Project, task: ReadingTask) -> Architecture:
    """Return the default for the project's texts and for as many labelled images as there are now.

    The row is read anew: whoever imported labels with this very `project` still holds the count of before.
    """
    labelled = ProjectCounts.objects.filter(project=project).values_list("labelled", flat=True).first()
    return default_architecture(task, labelled or 0)
