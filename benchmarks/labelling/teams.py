"""Teams with images to label, made and looked at by code that runs inside of a site."""

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import Count
from django.middleware.csrf import CSRF_SECRET_LENGTH

from benchmarks.labelling.crowd import API, PAGE
from benchmarks.labelling.journal import LENGTH
from labeling.models import Annotation, Image, ImageStatus, Member, Project, Role
from labeling.services.counts import recount
from tests.factories import add_images, make_project, texts
from tests.support.site import USER
from training.services.suggesting import switch_starter
from webapp.accounts.tokens import create_token

PICTURES = 20


def new_team(name: str, *, images: int, people: int, overlap: int) -> dict[str, Any]:
    """Make a project and people who label in it: its number, and their HTTP headers by way of labelling."""
    project = make_project(name=name, min_length=LENGTH, max_length=LENGTH, overlap=overlap)
    switch_starter(project=project, user=None, is_on=False)
    _add_images(project, images)
    users = [
        get_user_model().objects.get_or_create(username=f"annotator-{each}")[0] for each in range(people)
    ]
    Member.objects.bulk_create(Member(project=project, user=user, role=Role.ANNOTATOR) for user in users)
    return {
        "project": project.pk,
        PAGE: [_of_browser(user) for user in users],
        API: [{"Authorization": f"Bearer {create_token(user=user, name='bench')[1]}"} for user in users],
    }


def project_to_type(images: int) -> dict[str, Any]:
    """Make a project of the site's administrator: its number, and the text of each image by its address."""
    project = make_project(get_user_model().objects.get(username=USER), min_length=LENGTH, max_length=LENGTH)
    switch_starter(project=project, user=None, is_on=False)
    truths = texts(images, LENGTH)
    pictures = add_images(project, truths, labelled=False)
    return {
        "project": project.pk,
        "truths": {one.url: said for one, said in zip(pictures, truths, strict=True)},
    }


def what_is_kept(project: int) -> dict[str, Any]:
    """All annotations of a project as arguments of `journal.Row`, and by how much its counters are wrong."""
    rows = Annotation.objects.filter(image__project=project).order_by("id")
    fields = rows.values_list("key", "image_id", "annotator_id", "text", "is_check")
    found = dict(Image.objects.filter(project=project).values_list("status").annotate(Count("id")))
    counts = Project.objects.get(pk=project).counts
    return {
        "rows": [[str(key), *others] for key, *others in fields],
        "counters_off_by": sum(abs(getattr(counts, one) - found.get(one, 0)) for one in ImageStatus.values),
    }


def _add_images(project: Project, count: int) -> None:
    """Add rows of images that share a few stored pictures."""
    patterns = add_images(project, texts(PICTURES, LENGTH), labelled=False)
    rows = []
    for number in range(count - PICTURES):
        image = patterns[number % PICTURES]
        rows.append(
            Image(
                project=project, sha256=f"{number:064x}", file=image.file.name, name=f"{number}.png", format="PNG",
                width=image.width, height=image.height, size=image.size, fingerprint=image.fingerprint,
            )
        )  # fmt: skip
    Image.objects.bulk_create(rows, batch_size=2000)
    recount(project=project)


def _of_browser(user: Any) -> dict[str, str]:
    """The headers of a browser in which a user is signed in. Signing in itself is slow on purpose, and not measured."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    token = "a" * CSRF_SECRET_LENGTH
    cookies = {settings.SESSION_COOKIE_NAME: session.session_key, settings.CSRF_COOKIE_NAME: token}
    return {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X-CSRFToken": token,
    }
