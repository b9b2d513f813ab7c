"""Which model reads: promoting, rolling back, archiving, and what is written down of it."""

from typing import Any

import pytest

from labeling.errors import Refused
from labeling.models import AuditEntry, Project
from tests.factories import add_images, make_project, make_user, texts
from tests.training.views.rows import add_model, add_run
from training.models import Model, ModelState, Promotion, PromotionKind
from training.services.models import archive, former_model, production_model, promote, roll_back, unarchive

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    project = make_project()
    add_images(project, texts(20))
    return project


@pytest.fixture
def ada() -> Any:
    return make_user("ada")


def three_models(project: Project) -> list[Model]:
    return [add_model(add_run(project)) for _ in range(3)]


def actions(project: Project) -> list[tuple[str, str]]:
    rows = AuditEntry.objects.filter(project=project, action__startswith="model_").order_by("id")
    return list(rows.values_list("action", "target"))


def test_the_history_tells_who_promoted_what_in_place_of_what_and_why(project: Project, ada: Any) -> None:
    first, second, _ = three_models(project)
    promote(model=first, kind=PromotionKind.BY_RULE, why="It was the first model.")
    promote(model=second, user=ada, why="  Reads the new fonts. ")
    newest, oldest = Promotion.objects.filter(project=project)
    assert (oldest.model, oldest.former, oldest.user, oldest.kind) == (first, None, None, "by_rule")
    assert (newest.model, newest.former, newest.user, newest.why) == (
        second,
        first,
        ada,
        "Reads the new fonts.",
    )
    assert newest.kind == PromotionKind.BY_HAND


def test_promoting_the_model_that_reads_already_adds_nothing_to_the_history(project: Project) -> None:
    model, *_ = three_models(project)
    promote(model=model)
    promote(model=model)
    assert Promotion.objects.count() == 1


def test_rolling_back_leads_to_the_former_model_and_further_to_the_one_before(
    project: Project, ada: Any
) -> None:
    first, second, third = three_models(project)
    for model in (first, second, third):
        promote(model=model, user=ada)
    assert roll_back(project=project, user=ada, why="It misreads zeros.") == second
    assert production_model(project) == second
    third.refresh_from_db()
    assert third.state == ModelState.CANDIDATE
    newest = Promotion.objects.first()
    assert newest is not None
    assert (newest.kind, newest.former, newest.why) == ("rolled_back", third, "It misreads zeros.")
    assert roll_back(project=project, user=ada) == first
    assert actions(project)[-2:] == [("model_rolled_back", "Model 2"), ("model_rolled_back", "Model 1")]


def test_rolling_back_where_nothing_read_before_is_refused(project: Project, ada: Any) -> None:
    first, *_ = three_models(project)
    with pytest.raises(Refused, match="no former production model"):
        roll_back(project=project, user=ada)
    promote(model=first)
    assert former_model(project) is None
    with pytest.raises(Refused, match="no former production model"):
        roll_back(project=project, user=ada)


def test_rolling_back_to_an_archived_model_is_refused_and_changes_nothing(project: Project, ada: Any) -> None:
    first, second, _ = three_models(project)
    promote(model=first)
    promote(model=second)
    archive(model=first, user=ada)
    with pytest.raises(Refused, match="Model 1 is archived"):
        roll_back(project=project, user=ada)
    assert production_model(project) == second


def test_a_candidate_is_archived_and_taken_out_again(project: Project, ada: Any) -> None:
    model, *_ = three_models(project)
    archive(model=model, user=ada)
    assert model.state == ModelState.ARCHIVED
    archive(model=model, user=ada)
    with pytest.raises(Refused, match="Take it out of the archive first"):
        promote(model=model, user=ada)
    unarchive(model=model, user=ada)
    unarchive(model=model, user=ada)
    assert model.state == ModelState.CANDIDATE
    assert actions(project) == [("model_archived", "Model 1"), ("model_unarchived", "Model 1")]


def test_the_model_that_reads_is_not_archived(project: Project, ada: Any) -> None:
    model, *_ = three_models(project)
    promote(model=model)
    with pytest.raises(Refused, match="in production"):
        archive(model=model, user=ada)
    assert production_model(project) == model
