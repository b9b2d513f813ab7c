"""The rule by which a new model takes the place of the one in production."""

from typing import Any

from django.db import transaction

from labeling.errors import Refused
from labeling.models import Project
from labeling.services.audit import Action, record
from training.comparison_words import chance_words
from training.models import DatasetItem, Model, PromotionKind, PromotionRule, Rule, Split
from training.recognition.comparison import PairedComparison
from training.services.evaluation import as_compared
from training.services.model_readings import readings_of_items
from training.services.models import production_model, promote
from training.services.reading_task import reading_task


def rule_of(project: Project) -> Rule:
    """Return a project's rule."""
    row = PromotionRule.objects.filter(project=project).first()
    return Rule(row.rule) if row else Rule.AS_GOOD


def change_rule(*, project: Project, user: Any, rule: str) -> None:
    """Choose when a new model is promoted by itself.

    Raises:
        Refused: there is no such rule.
    """
    if rule not in Rule.values:
        raise Refused(f"“{rule}” is no rule. Choose one of {', '.join(Rule.values)}.")
    before = rule_of(project)
    if rule == before:
        return
    with transaction.atomic():
        PromotionRule.objects.update_or_create(project=project, defaults={"rule": rule})
        detail = {"rule": [before.value, str(rule)]}
        record(project=project, user=user, action=Action.PROMOTION_RULE_CHANGED, detail=detail)


def promote_if_better(*, model: Model) -> bool:
    """Promote a new model where its project's rule says so; else write down why not.

    Both models are judged by the new one's validation images, without those that the present one was trained on. The
    test images have no say: a number that chose the model could not be trusted as its measure afterwards.
    """
    rule, current = rule_of(model.project), production_model(model.project)
    if rule == Rule.BY_HAND:
        return _leave(model, "In this project, people choose the model that reads.")
    if current is None or current.pk == model.pk:
        promote(model=model, kind=PromotionKind.BY_RULE, why="It was the first model.")
        return True
    pair = _compare(model, current)
    if not pair.n and (model.run.needs_no_labels or current.run.needs_no_labels):
        return _promote_unmeasured(model, current, rule)
    counts = (
        f"Of {pair.n:,} validation images, {model} reads {pair.first.count:,} right and {current} "
        f"{pair.second.count:,}."
    )
    if rule == Rule.PROVEN:
        chance = f"By chance alone, such a difference would come in {chance_words(pair.p_value)} of cases"
        if not (pair.first_only > pair.second_only and pair.is_shown):
            return _leave(model, f"{counts} {chance}: that does not show that it is better.")
        counts = f"{counts} {chance}."
    elif pair.first.count < pair.second.count:
        return _leave(model, counts)
    promote(model=model, kind=PromotionKind.BY_RULE, why=counts)
    return True


def _promote_unmeasured(model: Model, current: Model, rule: Rule) -> bool:
    """Without a validation image to compare by, only models made without labels follow each other: a measured one
    stays until somebody looks."""
    nothing = "No validation image has a label by which the two could be compared"
    if rule == Rule.PROVEN or not (model.run.needs_no_labels and current.run.needs_no_labels):
        return _leave(model, f"{nothing}. Transcribe the images that its run asks about, then choose.")
    promote(model=model, kind=PromotionKind.BY_RULE, why=f"{nothing}; it is the newer one.")
    return True


def _leave(model: Model, why: str) -> bool:
    Model.objects.filter(pk=model.pk).update(rule_note=why)
    model.rule_note = why
    return False


def _compare(model: Model, current: Model) -> PairedComparison:
    trained_on = DatasetItem.objects.filter(dataset=current.run.dataset_id, split=Split.TRAIN)
    items = DatasetItem.objects.filter(dataset=model.run.dataset_id, split=Split.VALIDATION)
    items = items.exclude(image__in=trained_on.values("image"))
    readings = [readings_of_items(model=each, items=items) for each in (model, current)]
    task = reading_task(model.project, model.run.preparation)
    truths = {pk: as_compared(text, task) for pk, text in items.values_list("image", "text")}
    new, old = (
        {pk: as_compared(of_model[pk].text, task) == truth for pk, truth in truths.items()}
        for of_model in readings
    )
    return PairedComparison.of((new[pk], old[pk]) for pk in truths)
