"""How far a project's suggestions are, as pages show it."""

from typing import Any

from labeling.access import Act, may
from labeling.models import Project
from training.recognition.starter import unknown_characters
from training.services.suggesting import present_pass, starter_problem


def suggestion_progress(user: Any, project: Project) -> dict[str, Any]:
    """Return what `training/_suggestion_progress.html` draws: one query where somebody reads.

    `unknown` are characters that are never suggested, and `problem` is why nobody reads, in a sentence.
    """
    row = present_pass(project)
    failed = row is not None and bool(row.error)
    by_starter = row is not None and row.model_id is None
    problem = starter_problem(project) if row is None else ""
    speaks_of_switch = bool(problem) or (row is not None and by_starter and not row.is_active)
    return {
        "project": project,
        "row": row,
        "by_starter": by_starter,
        "unknown": unknown_characters(project.alphabet, case_sensitive=project.case_sensitive)
        if by_starter
        else "",
        "problem": problem,
        "may_retry": failed and may(user, project, Act.TRAIN),
        "may_switch": speaks_of_switch and may(user, project, Act.CHANGE_SETTINGS),
    }
