"""What the reading commands share: which model, which files."""

from collections.abc import Iterator
from pathlib import Path

from django.core.management.base import CommandError

from labeling.imaging.archives import Member, RejectedMember
from labeling.management.console import files_below
from labeling.models import Project
from labeling.services.members import members_of
from training.models import Model
from training.services.models import production_model


def chosen_model(project: Project, wanted: int | None) -> Model:
    """Return the model of a number, by default the production model."""
    model = production_model(project) if wanted is None else project.models.filter(pk=wanted).first()
    if model is not None:
        return model
    if wanted is None:
        raise CommandError(
            f"“{project.name}” has no production model. Train one: manage.py train {project.pk} --local"
        )
    known = ", ".join(str(pk) for pk in project.models.values_list("pk", flat=True)) or "none yet"
    raise CommandError(f"“{project.name}” has no model {wanted}; its models are: {known}.")


def members_below(paths: list[Path]) -> Iterator[Member | RejectedMember]:
    """Yield every file of files, folders and archives, in order."""
    for name, path in files_below(paths):
        with path.open("rb") as file:
            yield from members_of(file, name)
