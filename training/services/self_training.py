"""Whether a run learns from unlabelled images as well."""

from labeling.errors import Refused
from labeling.models import Project
from training.recognition.architectures import Architecture
from training.services.self_training_images import FEWEST, unlabelled_outlook

# Whether a run learns from unlabelled images where nobody says so, provided that there are FEWEST of them.
BY_DEFAULT = False


def is_proposed(architecture: Architecture, unlabelled: int) -> bool:
    """Whether a run with that many unlabelled images learns from them where nobody says so."""
    return BY_DEFAULT and architecture.self_trains and unlabelled >= FEWEST


def wants_self_training(project: Project, architecture: Architecture, wish: bool | None) -> bool:
    """Decide whether a run learns from unlabelled images, too. None is nobody's wish.

    Raises:
        Refused: it was wished for where it cannot be.
    """
    if wish is None:
        return is_proposed(architecture, unlabelled_outlook(project))
    if wish and not architecture.self_trains:
        raise Refused(
            f"{architecture.title} cannot learn from unlabelled images: choose slots or ctc, or leave them out."
        )
    if wish and not unlabelled_outlook(project):
        raise Refused(
            f"“{project.name}” has no unlabelled images to learn from: import some, or leave them out."
        )
    return wish
