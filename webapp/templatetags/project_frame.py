"""The header of a project's pages: what it is, what to do next, and the tabs."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django import template
from django.db.models import QuerySet
from django.template import RequestContext
from django.urls import reverse

from labeling.access import Act, allows, role_in
from labeling.models import Annotation, Image, Project, Slice, Suggestion
from training.models import DatasetItem, DatasetVersion, Model, Prediction, Run
from webapp.project_progress import (
    LABELS_FOR_FIRST_RUN,
    NextStep,
    ProjectProgress,
    next_step,
    project_progress,
)
from webapp.templatetags.components import plural

register = template.Library()

# Title, route, and what one must be allowed to do to see the tab.
TABS = {
    "overview": ("Overview", "labeling:project", Act.VIEW),
    "import": ("Import", "labeling:new_import", Act.IMPORT),
    "prepare": ("Prepare", "labeling:preparation", Act.VIEW),
    "label": ("Label", "labeling:label", Act.LABEL),
    "review": ("Review", "labeling:review", Act.REVIEW),
    "train": ("Train", "training:runs", Act.VIEW),
    "read": ("Read", "training:read", Act.VIEW),
    "images": ("Images", "labeling:images", Act.VIEW),
    "people": ("People", "labeling:people", Act.VIEW),
    "api": ("API", "project_api", Act.VIEW),
    "settings": ("Settings", "labeling:project_settings", Act.CHANGE_SETTINGS),
}
# Pages that belong to a tab without being its first page.
PAGES_UNDER_TABS = {
    "labeling:import": "import",
    "labeling:image": "images",
    "labeling:delete_images": "images",
    "labeling:exports": "images",
    "labeling:export": "images",
    "labeling:sheet": "label",
    "labeling:agreement": "review",
    "labeling:invite": "people",
    "labeling:person": "people",
    "labeling:remove_person": "people",
    "labeling:audit": "people",
    "labeling:delete_project": "settings",
    "new_project_token": "api",
    "training:new_run": "train",
    "training:run": "train",
    "training:delete_run": "train",
    "training:compare_runs": "train",
    "training:searches": "train",
    "training:new_search": "train",
    "training:search": "train",
    "training:run_confused": "train",
    "training:delete_search": "train",
    "training:strength_reports": "train",
    "training:start_strength_report": "train",
    "training:strength_report": "train",
    "training:without_labels": "train",
    "training:start_label_free": "train",
    "training:adjust_style": "train",
    "training:transcribe": "train",
    "training:fonts": "train",
    "training:models": "train",
    "training:model": "train",
    "training:read_upload": "read",
    "training:batches": "read",
    "training:batch": "read",
    "training:webhook": "read",
    "training:remove_webhook": "read",
}


@dataclass(frozen=True)
class Tab:
    key: str
    title: str
    url: str
    is_current: bool


def current_tab(view_name: str) -> str:
    """Return the key of the tab that a route belongs to, or an empty string."""
    for key, (_, route, _) in TABS.items():
        if route == view_name:
            return key
    return PAGES_UNDER_TABS.get(view_name, "")


@dataclass(frozen=True)
class ProjectState:
    """Where a project stands, as pages show it."""

    project: Project
    progress: ProjectProgress
    next_step: NextStep
    labels_for_first_run: int = LABELS_FOR_FIRST_RUN

    def newest_runs(self) -> QuerySet[Run]:
        return Run.objects.filter(project=self.project).select_related("model")[:3]


@register.simple_tag(takes_context=True)
def project_state(context: RequestContext, project: Project) -> ProjectState:
    """Count a project's progress, once per request however many parts of the page ask."""
    request = context["request"]
    state = getattr(request, "project_state", None)
    if state is None or state.project.pk != project.pk:
        progress = project_progress(project)
        state = request.project_state = ProjectState(project, progress, next_step(project, progress))
    return state


@register.inclusion_tag("components/project_header.html", takes_context=True)
def project_header(context: RequestContext, project: Project) -> dict[str, Any]:
    """Draw the header of a project's page."""
    request = context["request"]
    current = current_tab(request.resolver_match.view_name if request.resolver_match else "")
    role = role_in(request.user, project)
    step = project_state(context, project).next_step
    return {
        "project": project,
        "next_step": step,
        "says_next_step": current != "overview" and step.url != request.path,
        "tabs": [
            Tab(key, title, reverse(route, args=[project.pk]), key == current)
            for key, (title, route, act) in TABS.items()
            if allows(role, act)
        ],
    }


@register.simple_tag
def contents_of(project: Project) -> list[str]:
    """List what would go with a project, in words."""
    counts = {
        "image": project.counts.total,
        "label": project.counts.labelled,
        "run": Run.objects.filter(project=project).count(),
        "model": Model.objects.filter(project=project).count(),
        "reading": Prediction.objects.filter(project=project).count(),
    }
    return _in_words(counts)


@register.simple_tag
def contents_of_images(images: Collection[Image]) -> list[str]:
    """List what would go with images besides their files, in words."""
    counts = {
        "annotation": Annotation.objects.filter(image__in=images).count(),
        "suggestion": Suggestion.objects.filter(image__in=images).count(),
        "slice": Slice.objects.filter(image__in=images).count(),
        "reading": Prediction.objects.filter(image__in=images).count(),
    }
    return _in_words(counts)


@register.simple_tag
def datasets_with(images: Collection[Image]) -> list[DatasetVersion]:
    """Return the dataset versions that would lose images, oldest first."""
    items = DatasetItem.objects.filter(image__in=images)
    return list(DatasetVersion.objects.filter(pk__in=items.values("dataset")).order_by("number"))


def _in_words(counts: dict[str, int]) -> list[str]:
    return [plural(count, word) for word, count in counts.items() if count]
