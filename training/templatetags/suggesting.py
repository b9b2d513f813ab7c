"""What the pages of labelling show of training: how far the suggestions are, and the automatic loop."""

from typing import Any

from django import template
from django.template import RequestContext

from labeling.models import Project
from training.forms import AutomaticLoopForm
from training.services.automatic_loop import loop_of, new_annotations
from training.suggestion_progress import suggestion_progress

register = template.Library()


@register.inclusion_tag("training/_suggestion_progress.html", takes_context=True)
def suggestions(context: RequestContext, project: Project) -> dict[str, Any]:
    """Say how many images have suggestions while a worker makes them, and what is wrong where none does."""
    return suggestion_progress(context["request"].user, project)


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
