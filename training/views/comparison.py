"""Runs side by side: their curves, in what they differ, who reads more, and the images that they read differently."""

import csv
import io
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from labeling.access import Act, get_project, may
from labeling.models import Image
from training.charts import Chart, Series
from training.comparison import MOST_RUNS, Comparison, Disagreement, Outcome, chosen_runs, disagreements
from training.comparison import compare_runs as compare
from training.comparison_words import left_out_words, shared_words, verdict
from training.models import Epoch, Run
from training.run_curves import run_curves as curves
from training.run_differences import run_differences
from training.run_news import EPOCH_FIELDS
from training.services.model_readings import start_readings

IMAGES_PER_PAGE = 24


@require_GET
def compare_runs(request: HttpRequest, project_id: int) -> HttpResponse:
    """Compare the runs whose numbers are in `run`; `base` is the one that the others are held against."""
    project = get_project(request.user, project_id)
    runs = chosen_runs(project, request.GET)
    context: dict[str, Any] = {"project": project, "runs": runs, "most": MOST_RUNS}
    if len(runs) > 1:
        comparison = compare(project, runs)
        context |= {
            "comparison": comparison,
            "differences": run_differences(runs),
            "charts": _charts(runs),
            "query": _query(runs),
            "may_train": may(request.user, project, Act.TRAIN),
            **_judged(comparison, request.GET),
        }
    return render(request, "training/compare.html", context)


@require_GET
def run_curves(request: HttpRequest, project_id: int) -> JsonResponse:
    """Send the curves of the runs whose numbers are in `run`."""
    project = get_project(request.user, project_id)
    return JsonResponse(curves(chosen_runs(project, request.GET)))


@require_GET
def run_curves_csv(request: HttpRequest, project_id: int) -> HttpResponse:
    """Send every epoch of the runs whose numbers are in `run` as one table, in full precision."""
    project = get_project(request.user, project_id)
    runs = chosen_runs(project, request.GET)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["run", "epoch", *EPOCH_FIELDS[1:]])
    rows = Epoch.objects.filter(run__in=runs).order_by("run__number", "number")
    writer.writerows(rows.values_list("run__number", *EPOCH_FIELDS))
    response = HttpResponse(text.getvalue(), content_type="text/csv")
    name = "-".join(str(run.number) for run in runs)
    response["Content-Disposition"] = f'attachment; filename="runs-{name}.csv"'
    return response


@require_POST
def read_for_comparison(request: HttpRequest, project_id: int) -> HttpResponse:
    """Have a worker read the test images of those of the runs in `run` whose readings are not kept."""
    project = get_project(request.user, project_id, Act.TRAIN)
    runs = chosen_runs(project, request.POST)
    models = [run.model for run in runs if hasattr(run, "model")]
    start_readings(project=project, user=request.user, models=models)
    return redirect(f"{reverse('training:compare_runs', args=[project.pk])}?{_query(runs)}")


@require_GET
def comparison_progress(request: HttpRequest, project_id: int) -> HttpResponse:
    """Draw how far the reading for a comparison is; once nothing is under way any more, have the page load anew."""
    project = get_project(request.user, project_id)
    runs = chosen_runs(project, request.GET)
    comparison = compare(project, runs)
    context = {
        "project": project,
        "comparison": comparison,
        "query": _query(runs),
        "may_train": may(request.user, project, Act.TRAIN),
    }
    response = render(request, "training/_comparison_reading.html", context)
    if not comparison.is_reading:
        response["HX-Refresh"] = "true"
    return response


def _query(runs: list[Run]) -> str:
    return urlencode([("run", run.number) for run in runs])


def _charts(runs: list[Run]) -> list[tuple[str, str, Chart]]:
    """(name of the column of validation images, of training images, chart) of each panel."""
    series = tuple(
        Series(f"run-{run.number}", str(run), f"--curve-{index}") for index, run in enumerate(runs, start=1)
    )
    names = "-".join(str(run.number) for run in runs)
    accuracy = Chart(
        "accuracy", "Whole-string accuracy", f"Whole-string accuracy of runs {names.replace('-', ', ')}",
        f"accuracy-of-runs-{names}", series, "percent", low=0, high=1,
    )  # fmt: skip
    loss = Chart(
        "loss", "Loss", f"Loss of runs {names.replace('-', ', ')}", f"loss-of-runs-{names}", series,
        note="nats per character", low=0,
    )  # fmt: skip
    return [("validation_accuracy", "accuracy", accuracy), ("validation_loss", "loss", loss)]


def _judged(comparison: Comparison, query: QueryDict) -> dict[str, Any]:
    """What the page shows of who reads more: nothing where fewer than two models can be compared."""
    outcomes = comparison.outcomes
    if len(outcomes) < 2:
        return {}
    base = _outcome(outcomes, query.get("base", "")) or outcomes[0]
    others = [one for one in outcomes if one is not base]
    other = _outcome(others, query.get("with", "")) or others[0]
    only = query.get("only", "") if query.get("only") in ("first", "second") else ""
    pair = comparison.pair(base, other)
    found = disagreements(comparison.shared, base, other, only=only)
    page = Paginator(found, IMAGES_PER_PAGE).get_page(query.get("page"))
    shown = {"base": base.run.number, "with": other.run.number}
    return {
        "base": base,
        "other": other,
        "only": only,
        "pair": pair,
        "shared": shared_words(comparison.shared),
        "left_out": left_out_words(comparison.shared.left_out),
        "verdicts": [
            (one, verdict(str(one.run), str(base.run), comparison.pair(one, base))) for one in others
        ],
        "disagreements": _with_images(page),
        "page": {
            "previous": _page_address(page, -1, comparison.runs, shown | {"only": only}),
            "next": _page_address(page, 1, comparison.runs, shown | {"only": only}),
        },
        "found": len(found),
    }


def _outcome(outcomes: list[Outcome], number: str) -> Outcome | None:
    return next((one for one in outcomes if str(one.run.number) == number), None)


def _with_images(page: "Page[Disagreement]") -> list[tuple[Disagreement, Image]]:
    images = Image.objects.in_bulk([one.image_id for one in page.object_list])
    # An image that was deleted this very moment has nothing to show.
    return [(one, images[one.image_id]) for one in page.object_list if one.image_id in images]


def _page_address(page: "Page[Disagreement]", step: int, runs: list[Run], kept: dict[str, Any]) -> str:
    number = page.number + step
    if not 1 <= number <= page.paginator.num_pages:
        return ""
    return f"?{_query(runs)}&{urlencode({**kept, 'page': number})}#images"
