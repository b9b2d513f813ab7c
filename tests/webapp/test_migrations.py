from importlib import import_module
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.management import call_command

from labeling.models import Image, ProjectCounts
from labeling.services.annotations import annotate
from tests.factories import add_images, make_project, make_user


@pytest.mark.django_db
def test_the_migrations_tell_all_about_the_models() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.django_db
def test_images_from_before_get_their_readings_and_projects_their_counts() -> None:
    project, empty = make_project(name="full"), make_project(name="empty")
    add_images(project, ["123"] * 3)
    images = add_images(project, ["456", "789"], labelled=False, seed=9)
    for name in ("ada", "bob"):
        annotate(image=images[0], user=make_user(name), text="456", key=uuid4())
    before = sorted(Image.objects.values_list("pk", "readings"))
    ProjectCounts.objects.all().delete()
    Image.objects.update(readings=0)
    import_module("labeling.migrations.0007_fill_counts").fill(apps, None)
    assert sorted(Image.objects.values_list("pk", "readings")) == before
    counts = ProjectCounts.objects.get(project=project)
    assert (counts.unlabelled, counts.labelled, counts.total) == (1, 4, 5)
    assert ProjectCounts.objects.get(project=empty).total == 0
