from importlib import import_module
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.management import call_command

from labeling.models import Image, ProjectCounts
from labeling.services.annotations import annotate
from tests.factories import add_images, make_project, make_user, texts
from tests.training.views.rows import add_model, add_run
from training.models import Promotion, RunSummary
from training.services.models import promote, roll_back


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


@pytest.mark.django_db
def test_runs_from_before_get_their_summaries_and_models_their_history() -> None:
    project = make_project(name="old")
    add_images(project, texts(20))
    first, second = (add_model(add_run(project)) for _ in range(2))
    for model in (first, second):
        promote(model=model)
    fields = ("run", "points", "best", "test_accuracy", "test_count", "test_character_accuracy", "coverage")
    before = list(RunSummary.objects.order_by("run").values(*fields))
    RunSummary.objects.all().delete()
    Promotion.objects.all().delete()
    migration = import_module("training.migrations.0009_fill_summaries_and_promotions")
    migration.fill_summaries(apps, None)
    migration.fill_promotions(apps, None)
    assert list(RunSummary.objects.order_by("run").values(*fields)) == before
    newest, oldest = Promotion.objects.all()
    assert (oldest.model, oldest.former, newest.model, newest.former) == (first, None, second, first)
    assert newest.created_at == second.promoted_at
    assert roll_back(project=project, user=None) == first
