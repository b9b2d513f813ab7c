"""Figures of projects that cost too much to work out on every look at the dashboard, kept by a worker."""

from datetime import timedelta

from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from labeling.models import Image, Project
from labeling.services.agreement import compared_images
from webapp.models import ProjectFigures

# A project's figures are at most about this old while people label.
AT_MOST_EVERY = timedelta(minutes=1)
# What was withdrawn or deleted changes no image's time: everything is looked at again now and then.
ANYHOW_AFTER = timedelta(hours=1)


def refresh_figures() -> None:
    """Work out how well people agree in the projects where somebody has read since that was last done."""
    now = timezone.now()
    newest = Image.objects.filter(project=OuterRef("pk"), compared_at__isnull=False).order_by("-compared_at")
    projects = Project.objects.annotate(newest=Subquery(newest.values("compared_at")[:1]))
    never = Q(figures=None, newest__isnull=False)
    since = Q(newest__gt=F("figures__measured_at"), figures__measured_at__lt=now - AT_MOST_EVERY)
    long_ago = Q(figures__measured_at__lt=now - ANYHOW_AFTER)
    for project in projects.filter(never | since | long_ago):
        images = compared_images(project)
        alike = sum(one.are_alike for one in images)
        ProjectFigures.objects.update_or_create(
            project=project, defaults={"alike": alike, "compared": len(images), "measured_at": now}
        )
