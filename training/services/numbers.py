"""Numbers by which people know a project's runs, searches and reports. None is given twice: the audit trail, files and
suggestions remember those that are gone."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Max, QuerySet

from labeling.models import AuditEntry, Project
from labeling.services.audit import Action


def unused_number(rows: QuerySet[Any], deleted: Iterable[int]) -> int:
    """Return a number that none of a project's `rows` has, and that is none of those `deleted`."""
    last = int(rows.aggregate(last=Max("number"))["last"] or 0)
    return 1 + max(last, *deleted, 0)


def deleted_numbers(project: Project, action: Action) -> list[int]:
    """Return the numbers of what went by an action, from the `detail` of its audit records."""
    return [int(detail["number"]) for detail in details_of(project, action)]


def details_of(project: Project, action: Action) -> list[dict[str, Any]]:
    """Return the `detail` of the audit records of an action."""
    return list(AuditEntry.objects.filter(project=project, action=action).values_list("detail", flat=True))
