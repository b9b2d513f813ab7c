"""How far a project's suggestions are, as pages show it."""

from typing import Any

from labeling.access import Act, may
from labeling.models import Project
from training.services.suggesting import present_pass


def suggestion_progress(user: Any, project: Project) -> dict[str, Any]:
    """Return what `training/_suggestion_progress.html` draws: one query while all goes well."""
    row = present_pass(project)
    failed = row is not None and bool(row.error)
    return {"project": project, "row": row, "may_retry": failed and may(user, project, Act.TRAIN)}
