"""Who may do what in a project: the one table that pages, API and commands ask."""

from enum import StrEnum
from typing import Any, cast

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.shortcuts import get_object_or_404

from labeling.models import Annotation, Member, Project, Role


class Act(StrEnum):
    """Something that one may or may not do in a project, in words that fit behind “You may not”."""

    VIEW = "look at this project"
    LABEL = "label images"
    IMPORT = "import images"
    PREPARE = "change the preparation"
    READ = "read new images"
    TRAIN = "train models"
    EXPORT = "export images, labels and models"
    REVIEW = "review labels"
    PROMOTE = "choose the model that reads"
    DELETE_RUNS = "delete runs"
    DELETE_IMAGES = "delete images"
    CHANGE_SETTINGS = "change the project's settings"
    MANAGE_PEOPLE = "invite or remove people"
    SEE_AUDIT = "see who did what"
    DELETE_PROJECT = "delete the project"


ALLOWED_FROM: dict[Act, Role] = {
    Act.VIEW: Role.VIEWER,
    Act.LABEL: Role.ANNOTATOR,
    Act.IMPORT: Role.ANNOTATOR,
    Act.PREPARE: Role.ANNOTATOR,
    Act.READ: Role.ANNOTATOR,
    Act.TRAIN: Role.ANNOTATOR,
    Act.EXPORT: Role.REVIEWER,
    Act.REVIEW: Role.REVIEWER,
    Act.PROMOTE: Role.REVIEWER,
    Act.DELETE_RUNS: Role.OWNER,
    Act.DELETE_IMAGES: Role.OWNER,
    Act.CHANGE_SETTINGS: Role.OWNER,
    Act.MANAGE_PEOPLE: Role.OWNER,
    Act.SEE_AUDIT: Role.OWNER,
    Act.DELETE_PROJECT: Role.OWNER,
}
"""The least role that may do it; every higher one may, too.

What takes a project's work out of the site as files is one act, EXPORT, and takes a reviewer: images, labels, and the
models that were made of them. Annotators read with the models in here.
"""

_RANK = {Role.VIEWER: 0, Role.ANNOTATOR: 1, Role.REVIEWER: 2, Role.OWNER: 3}


def role_in(user: Any, project: Project) -> Role | None:
    """Return a user's role in a project, or None for a stranger. Administrators own every project.

    Of a project that `get_project` has returned to the same user, it is known already: a page asks several times.
    """
    if user.is_staff:
        return Role.OWNER
    if project.visitor is not None and project.visitor[0] == user.pk:
        return project.visitor[1]
    member = Member.objects.filter(project=project, user=user).first()
    return Role(member.role) if member else None


def reaches(role: Role | None, other: Role) -> bool:
    """Whether a role is at least as high as another."""
    return role is not None and _RANK[role] >= _RANK[other]


def allows(role: Role | None, act: Act) -> bool:
    """Whether a role is enough for an act."""
    return reaches(role, ALLOWED_FROM[act])


def may(user: Any, project: Project, act: Act) -> bool:
    """Whether a user may do something in a project."""
    return allows(role_in(user, project), act)


def check(user: Any, project: Project, act: Act) -> None:
    """Say no where a user's role is not enough.

    Raises:
        PermissionDenied: the role is too low, or there is none.
    """
    if not may(user, project, act):
        raise PermissionDenied(
            f"To {act} one needs the role {ALLOWED_FROM[act].label.lower()} in “{project.name}”. "
            "Ask one of its owners."
        )


def get_project(
    user: AbstractUser | AnonymousUser, project_id: int, act: Act = Act.VIEW, *, with_counts: bool = True
) -> Project:
    """Return a project that the user may act in, with its counts as they are now.

    Args:
        with_counts: False where they will change before they are shown; they are then read when somebody asks.

    Raises:
        Http404: no such project, or the user is no member (strangers do not learn that it exists).
        PermissionDenied: the user's role is too low.
    """
    projects = Project.objects.visible_to(user)
    if with_counts:
        projects = projects.with_counts()
    if user.is_staff:
        project, role = get_object_or_404(projects, pk=project_id), Role.OWNER
    else:
        # Of the membership that makes it visible: every request asks this, so it asks once.
        project = get_object_or_404(projects.annotate(role=F("members__role")), pk=project_id)
        role = Role(cast(Any, project).role)
    project.visitor = (user.pk, role)
    check(user, project, act)
    return project


def get_person(user: AbstractUser | AnonymousUser, project_id: int, person_id: int) -> tuple[Project, Any]:
    """Return a project, and somebody in it whose figures the user may see: oneself, or anybody for reviewers.

    The person comes with `role`, None for somebody who has left; annotations still tell who that was.

    Raises:
        Http404: no such project or person, or the user is no member.
        PermissionDenied: it is somebody else, and the user's role is too low.
    """
    project = get_project(user, project_id, Act.VIEW if person_id == user.pk else Act.REVIEW)
    membership = Member.objects.filter(project=project, user=OuterRef("pk"))
    annotated = Exists(Annotation.objects.filter(annotator=OuterRef("pk"), image__project=project))
    people = get_user_model().objects.annotate(role=Subquery(membership.values("role")[:1]))
    known = people.filter(annotated | Q(role__isnull=False) | Q(pk=user.pk))
    return project, get_object_or_404(known, pk=person_id)
