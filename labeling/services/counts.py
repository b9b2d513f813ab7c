"""How many images of a project stand where, kept up with every change so that no page counts rows.

Whoever writes images and counts in one transaction locks the images first, in the order of their ids, and the counts
last: so nobody waits for somebody who waits for them.
"""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Count, F
from django.db.models.functions import Greatest

from labeling.models import ImageStatus, Project, ProjectCounts


def shift_counts(*, project_id: int, changes: Mapping[str, int]) -> None:
    """Add to a project's counters.

    Args:
        changes: status -> how many images more (or fewer) have it now.
    """
    # Never below zero: a counter that is wrong, say after rows were deleted by hand, must not cost an annotation.
    shifted = {status: Greatest(F(status) + by, 0) for status, by in changes.items() if by}
    if shifted:
        ProjectCounts.objects.filter(project=project_id).update(**shifted)


def recount(*, project: Project) -> ProjectCounts:
    """Count a project's images anew, for whoever wrote or deleted many at once."""
    with transaction.atomic():
        # Locked before counting: whoever changes a status meanwhile adds to the result.
        counts, _ = ProjectCounts.objects.select_for_update().get_or_create(project=project)
        found = dict(project.images.order_by().values_list("status").annotate(Count("id")))
        for status in ImageStatus.values:
            setattr(counts, status, found.get(status, 0))
        counts.save()
    return counts
