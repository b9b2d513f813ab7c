"""What the pages of labelling show of training: how far suggestions are, the automatic loop, how reading goes."""

from typing import Any

from django import template
from django.template import RequestContext

from labeling.access import Act, may
from labeling.models import Project
from training.forms import AutomaticLoopForm
from training.models import Model
from training.recognition.starter import unknown_characters, unreadable_words
from training.services.automatic_loop import loop_of, new_annotations
from training.services.suggesting import starter_is_on
from training.suggestion_progress import suggestion_progress
from training.tracking import tracking
from training.tracking_chart import tracking_chart

register = template.Library()


@register.inclusion_tag("training/_suggestion_progress.html", takes_context=True)
def suggestions(context: RequestContext, project: Project) -> dict[str, Any]:
    """Say how many images have suggestions while a worker makes them, and what is wrong where none does."""
    return suggestion_progress(context["request"].user, project)


@register.inclusion_tag("training/_starter_switch.html")
def starter_switch(project: Project) -> dict[str, Any]:
    """Draw the starter's section of the settings."""
    alphabet, case_sensitive = project.alphabet, project.case_sensitive
    return {
        "project": project,
        "is_on": starter_is_on(project),
        "unreadable": unreadable_words(alphabet, case_sensitive=case_sensitive),
        "unknown": unknown_characters(alphabet, case_sensitive=case_sensitive),
    }


@register.inclusion_tag("training/_automatic_loop.html")
def automatic_loop(project: Project) -> dict[str, Any]:
    """Draw the automatic loop's section of the settings."""
    loop = loop_of(project)
    return {
        "project": project,
        "loop": loop,
        "fresh": new_annotations(loop) if loop.is_on else 0,
        "form": AutomaticLoopForm.of(loop),
    }


@register.inclusion_tag("training/_tracking.html", takes_context=True)
def readings_over_time(context: RequestContext, project: Project, production: Model | None) -> dict[str, Any]:
    """Draw what was read day by day, and say whether to train again; nothing before something was read."""
    found = tracking(project, production)
    return {
        "project": project,
        "model": production,
        "tracking": found,
        "chart": tracking_chart(found.days) if found else None,
        "may_train": may(context["request"].user, project, Act.TRAIN),
    }
