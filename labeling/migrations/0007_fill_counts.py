"""Counts and readings of the images that are there already: from now on every change keeps them up."""

from collections import defaultdict

from django.db import migrations
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce


def fill(apps, schema_editor):
    Annotation = apps.get_model("labeling", "Annotation")
    Image = apps.get_model("labeling", "Image")
    Project = apps.get_model("labeling", "Project")
    ProjectCounts = apps.get_model("labeling", "ProjectCounts")
    # Annotations without an annotator count as those of one person.
    readers = (
        Annotation.objects.filter(image=OuterRef("pk"), withdrawn_at=None)
        .order_by()
        .values("image")
        .annotate(n=Count(Coalesce("annotator", 0), distinct=True))
        .values("n")
    )
    Image.objects.update(readings=Coalesce(Subquery(readers), 0))
    counts = defaultdict(dict)
    for project, status, n in Image.objects.order_by().values_list("project", "status").annotate(n=Count("pk")):
        counts[project][status] = n
    ProjectCounts.objects.bulk_create(
        ProjectCounts(project_id=pk, **counts[pk]) for pk in Project.objects.values_list("pk", flat=True)
    )


class Migration(migrations.Migration):

    dependencies = [
        ("labeling", "0006_compared_images"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
