"""The header of a project's pages: what it is, what to do next, and the tabs."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.template import RequestContext
from django.urls import reverse

from labeling.models import Project
from webapp.project_progress import next_step, project_progress

register = template.Library()

TABS = {
    "overview": ("Overview", "labeling:project"),
    "import": ("Import", "labeling:new_import"),
    "prepare": ("Prepare", "labeling:preparation"),
    "label": ("Label", "labeling:label"),
    "train": ("Train", "training:runs"),
    "read": ("Read", "training:read"),
    "images": ("Images", "labeling:images"),
    "settings": ("Settings", "labeling:project_settings"),
}
# Pages that belong to a tab without being its first page.
PAGES_UNDER_TABS = {
    "labeling:import": "import",
    "labeling:image": "images",
    "labeling:delete_project": "settings",
    "training:new_run": "train",
    "training:run": "train",
    "training:models": "train",
    "training:read_upload": "read",
}


@dataclass(frozen=True)
class Tab:
    key: str
    title: str
    url: str
    is_current: bool


def current_tab(view_name: str) -> str:
    """Return the key of the tab that a route belongs to, or an empty string."""
    for key, (_, route) in TABS.items():
        if route == view_name:
            return key
    return PAGES_UNDER_TABS.get(view_name, "")


@register.inclusion_tag("components/project_header.html", takes_context=True)
def project_header(context: RequestContext, project: Project) -> dict[str, Any]:
    """Draw the header. Takes the page's `progress` where the view has counted already."""
    match = context["request"].resolver_match
    current = current_tab(match.view_name if match else "")
    progress = context.get("progress") or project_progress(project)
    step = next_step(project, progress)
    return {
        "project": project,
        "next_step": step,
        "next_step_is_here": step.url == context["request"].path,
        "tabs": [Tab(key, title, reverse(route, args=[project.pk]), key == current) for key, (title, route) in TABS.items()],
    }
