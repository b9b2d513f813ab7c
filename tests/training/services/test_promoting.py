"""The rule that promotes: what it compares, when it says yes, and what it writes down."""

import pytest

from labeling.errors import Refused
from labeling.models import AuditEntry, Project
from tests.factories import add_images, make_project, pin, texts
from tests.training.label_free_rows import add_label_free
from tests.training.views.rows import add_model, add_run, keep_readings
from training.models import DatasetItem, Model, Promotion, Rule, Split
from training.services.models import production_model
from training.services.promoting import change_rule, promote_if_better, rule_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    project = make_project()
    pin(add_images(project, texts(40))[:20], Split.VALIDATION)
    return project


def validation_images(model: Model) -> list[int]:
    items = DatasetItem.objects.filter(dataset=model.run.dataset, split=Split.VALIDATION)
    return sorted(items.values_list("image", flat=True))


def measured(project: Project, wrong: int) -> Model:
    """A model that reads so many of its validation images wrong."""
    model = add_model(add_run(project))
    items = DatasetItem.objects.filter(dataset=model.run.dataset).exclude(split=Split.TRAIN)
    misread = set(validation_images(model)[:wrong])
    keep_readings(
        model, {pk: "000" if pk in misread else text for pk, text in items.values_list("image", "text")}
    )
    return model


def set_rule(project: Project, rule: Rule) -> None:
    change_rule(project=project, user=project.created_by, rule=rule)


def test_the_first_model_is_promoted_and_the_history_says_so(project: Project) -> None:
    model = measured(project, 5)
    assert promote_if_better(model=model)
    assert Promotion.objects.get().why == "It was the first model."


def test_as_many_right_readings_are_enough_by_the_usual_rule(project: Project) -> None:
    former, model = measured(project, 3), measured(project, 3)
    promote_if_better(model=former)
    assert promote_if_better(model=model)
    n = len(validation_images(model))
    newest = Promotion.objects.first()
    assert newest is not None
    assert newest.kind == "by_rule"
    assert newest.why == f"Of {n} validation images, Model 2 reads {n - 3} right and Model 1 {n - 3}."


def test_a_model_that_reads_fewer_stays_a_candidate_and_says_why(project: Project) -> None:
    former, model = measured(project, 2), measured(project, 3)
    promote_if_better(model=former)
    assert not promote_if_better(model=model)
    model.refresh_from_db()
    n = len(validation_images(model))
    assert model.rule_note == f"Of {n} validation images, Model 2 reads {n - 3} right and Model 1 {n - 2}."
    assert production_model(project) == former


def test_where_a_proof_is_asked_for_chance_does_not_promote(project: Project) -> None:
    set_rule(project, Rule.PROVEN)
    former, by_chance, clearly = measured(project, 8), measured(project, 5), measured(project, 0)
    promote_if_better(model=former)
    assert not promote_if_better(model=by_chance)
    assert "25.0 % of cases: that does not show that it is better" in by_chance.rule_note
    assert promote_if_better(model=clearly)
    newest = Promotion.objects.first()
    assert newest is not None
    assert "0.8 % of cases" in newest.why


def test_by_hand_means_that_not_even_the_first_model_is_promoted(project: Project) -> None:
    set_rule(project, Rule.BY_HAND)
    assert not promote_if_better(model=measured(project, 0))
    assert production_model(project) is None


def test_images_that_the_present_model_was_trained_on_have_no_say(project: Project) -> None:
    former = measured(project, 0)
    promote_if_better(model=former)
    add_images(project, texts(40, seed=5), seed=700)
    model = measured(project, 2)
    two_wrong = validation_images(model)[:2]
    in_both = DatasetItem.objects.filter(dataset=former.run.dataset, image__in=two_wrong)
    in_both.update(split=Split.TRAIN)
    # Of images that the former model has not met, it reads nothing: its file is not even a model.
    missing = set(validation_images(model)) - set(validation_images(former)) - set(two_wrong)
    row = former.readings
    row.rows = [*row.rows, *([pk, "999", 0.5] for pk in missing)]
    row.save()
    assert promote_if_better(model=model)


def test_a_rule_is_changed_once_and_written_down(project: Project) -> None:
    assert rule_of(project) == Rule.AS_GOOD
    for _ in range(2):
        set_rule(project, Rule.PROVEN)
    assert rule_of(project) == Rule.PROVEN
    entry = AuditEntry.objects.get(action="promotion_rule_changed")
    assert entry.detail == {"rule": ["as_good", "proven"]}


def test_an_unknown_rule_is_refused(project: Project) -> None:
    with pytest.raises(Refused, match="is no rule"):
        change_rule(project=project, user=None, rule="always")


def test_without_a_label_to_compare_by_a_measured_model_stays(project: Project) -> None:
    former = measured(project, 3)
    promote_if_better(model=former)
    add_images(project, texts(60, seed=7), labelled=False, seed=4000)
    model = without_labels(project)
    DatasetItem.objects.filter(dataset=model.run.dataset).delete()
    assert not promote_if_better(model=model)
    assert model.rule_note.startswith("No validation image has a label by which the two could be compared.")
    assert production_model(project) == former


def test_without_a_label_to_compare_by_the_newer_of_two_models_without_labels_reads() -> None:
    project = make_project()
    add_images(project, texts(100), labelled=False)
    former, model = without_labels(project), without_labels(project)
    assert promote_if_better(model=former)
    assert promote_if_better(model=model)
    newest = Promotion.objects.first()
    assert newest is not None
    assert newest.why.endswith("it is the newer one.")


def test_where_only_proof_counts_a_newer_model_without_labels_waits() -> None:
    project = make_project()
    add_images(project, texts(100), labelled=False)
    former, model = without_labels(project), without_labels(project)
    set_rule(project, Rule.PROVEN)
    promote_if_better(model=former)
    assert not promote_if_better(model=model)
    assert production_model(project) == former


def without_labels(project: Project) -> Model:
    return add_model(add_label_free(project).run)
