"""What the table of runs needs besides its rows."""

from typing import Any

from django import template

from labeling.jobs import JobState
from labeling.models import Project
from training.run_table import COLUMNS, COMPARISONS, RunTable, architecture_choices

register = template.Library()


@register.inclusion_tag("training/_runs_filter.html")
def run_filter(table: RunTable, project: Project) -> dict[str, Any]:
    """Draw the form that filters and sorts the runs: one query."""
    return {
        "table": table,
        "states": [choice for choice in JobState.choices if choice[0] != JobState.DRAFT],
        "architectures": architecture_choices(),
        "datasets": project.dataset_versions.order_by("-number").values_list("number", flat=True),
        "columns": COLUMNS.values(),
        "comparisons": [(name, title) for name, (_, title) in COMPARISONS.items()],
    }


@register.filter
def shortly(value: Any) -> str:
    """Write a number without needless digits."""
    return f"{value:,.6g}" if isinstance(value, int | float) else str(value)
