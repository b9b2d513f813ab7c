"""Summaries of the runs that are there, and the promotions that can still be told from the models."""

from django.db import migrations
from django.db.models import F, Max, Q

POINTS = 40


def fill_summaries(apps, schema_editor):
    Run, Epoch = apps.get_model("training", "Run"), apps.get_model("training", "Epoch")
    RunSummary = apps.get_model("training", "RunSummary")
    for run in Run.objects.select_related("model").iterator(chunk_size=200):
        metrics = run.model.metrics if hasattr(run, "model") else {}
        test, validation = metrics.get("test", {}), metrics.get("validation", {})
        epochs = Epoch.objects.filter(run=run)
        last = epochs.aggregate(last=Max("number"))["last"] or 0
        step = -(-last // POINTS) or 1
        rows = epochs.annotate(rest=F("number") % step).filter(Q(rest=0) | Q(number=last)).order_by("number")
        best = epochs.aggregate(best=Max("validation_whole_string_accuracy"))["best"]
        RunSummary.objects.create(
            run=run,
            points=[list(row) for row in rows.values_list("number", "validation_whole_string_accuracy")],
            best=validation.get("whole_string_accuracy") if run.architecture == "position_ensemble" else best,
            test_accuracy=test.get("whole_string_accuracy"),
            test_count=test.get("n", 0),
            test_character_accuracy=test.get("character_accuracy"),
            coverage=((test.get("coverage") or {}).get("coverage") or {}).get("share"),
        )


def fill_promotions(apps, schema_editor):
    """Each model knows only when it was promoted last, so a model that was promoted twice appears once."""
    Model, Promotion = apps.get_model("training", "Model"), apps.get_model("training", "Promotion")
    former = {}
    for model in Model.objects.exclude(promoted_at=None).order_by("project_id", "promoted_at", "id"):
        row = Promotion.objects.create(
            project_id=model.project_id,
            model=model,
            former=former.get(model.project_id),
            kind="unknown",
        )
        Promotion.objects.filter(pk=row.pk).update(created_at=model.promoted_at)
        former[model.project_id] = model


class Migration(migrations.Migration):

    dependencies = [("training", "0008_comparing_runs_and_promoting_models")]

    operations = [
        migrations.RunPython(fill_summaries, migrations.RunPython.noop),
        migrations.RunPython(fill_promotions, migrations.RunPython.noop),
    ]
