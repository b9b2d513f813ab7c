"""Making, changing and deleting projects."""

import re
from typing import Any

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from labeling.errors import Refused
from labeling.imaging.recipe import DEFAULT_RECIPE
from labeling.jobs import JobState
from labeling.models import Member, Preparation, Project, ProjectCounts, Role
from labeling.models.projects import MAX_ALPHABET, MAX_LENGTH
from labeling.services.audit import Action, record
from labeling.services.storage import delete_folder


def parse_length(text: str) -> tuple[int, int]:
    """Turn `5` or `4-8` into (minimum, maximum).

    Raises:
        Refused: the text is neither, or the numbers are out of range.
    """
    match = re.fullmatch(r"\s*(\d{1,3})(?:\s*[-–]\s*(\d{1,3}))?\s*", text)
    if not match:
        raise Refused(f"“{text}” is not a length. Write one number such as 5, or a range such as 4-8.")
    low = int(match[1])
    high = int(match[2] or low)
    if not 1 <= low <= high <= MAX_LENGTH:
        raise Refused(
            f"A length of {text} does not work: it goes from 1 to {MAX_LENGTH}, the smaller number first."
        )
    return low, high


def clean_alphabet(text: str, *, case_sensitive: bool) -> str:
    """Return the characters in order of first appearance, without blanks and repeats.

    Where case does not matter, a letter that is listed in both cases counts once.

    Raises:
        Refused: nothing is left, or too much.
    """
    seen: dict[str, str] = {}
    for character in text:
        if character.isprintable() and not character.isspace():
            seen.setdefault(character if case_sensitive else character.casefold(), character)
    alphabet = "".join(seen.values())
    if not alphabet:
        raise Refused("The alphabet is empty. List every character that can appear, for example 0123456789.")
    if len(alphabet) > MAX_ALPHABET:
        raise Refused(f"The alphabet has {len(alphabet)} characters; at most {MAX_ALPHABET} are supported.")
    return alphabet


def create_project(
    *,
    user: Any,
    name: str,
    alphabet: str,
    min_length: int,
    max_length: int,
    case_sensitive: bool = False,
    description: str = "",
    is_demo: bool = False,
) -> Project:
    """Create a project with its owner and its first preparation.

    Raises:
        Refused: the name is taken or empty, or alphabet or lengths do not work.
    """
    name = name.strip()
    if not name:
        raise Refused("A project needs a name.")
    parse_length(f"{min_length}-{max_length}")
    alphabet = clean_alphabet(alphabet, case_sensitive=case_sensitive)
    try:
        with transaction.atomic():
            project = Project.objects.create(
                name=name,
                description=description.strip(),
                alphabet=alphabet,
                min_length=min_length,
                max_length=max_length,
                case_sensitive=case_sensitive,
                is_demo=is_demo,
                created_by=user,
            )
            ProjectCounts.objects.create(project=project)
            if user is not None:
                Member.objects.create(project=project, user=user, role=Role.OWNER)
            # Nothing to slice yet: the first preparation is done the moment it exists.
            Preparation.objects.create(
                project=project,
                version=1,
                recipe_json=DEFAULT_RECIPE.to_json(),
                created_by=user,
                state=JobState.DONE,
            )
    except IntegrityError:
        raise Refused(f"There is a project “{name}” already. Choose another name.") from None
    return project


def update_project(*, project: Project, user: Any, name: str, description: str) -> None:
    """Rename or describe a project.

    Raises:
        Refused: the name is taken or empty.
    """
    name = name.strip()
    if not name:
        raise Refused("A project needs a name.")
    if Project.objects.filter(name=name).exclude(pk=project.pk).exists():
        raise Refused(f"There is a project “{name}” already. Choose another name.")
    with transaction.atomic():
        project.name, project.description = name, description.strip()
        project.save(update_fields=["name", "description"])
        record(project=project, user=user, action=Action.SETTINGS_CHANGED, target=name)


def delete_project(*, project: Project) -> None:
    """Delete a project with everything in it, files included. Workers notice and drop what they do for it."""
    folder = f"projects/{project.pk}"
    project.delete()
    delete_folder(default_storage, folder)
