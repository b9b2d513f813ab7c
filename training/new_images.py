"""What training does about images that came into a project."""

from typing import Any

from django.dispatch import receiver

from labeling.models import Project
from labeling.signals import images_came
from training.services.suggesting import read_ahead


@receiver(images_came)
def _suggest(project: Project, **_: Any) -> None:
    read_ahead(project=project)
