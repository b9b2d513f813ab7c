"""What training does about images that came into a project."""

from typing import Any

from django.dispatch import receiver

from labeling.models import Project
from labeling.signals import images_came
from training.services.models import production_model
from training.services.suggesting import start_pass


@receiver(images_came)
def _suggest(project: Project, **_: Any) -> None:
    model = production_model(project)
    if model is not None:
        start_pass(model=model)
