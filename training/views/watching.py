"""What the page of a run shows besides its state: its history, its readings, and its learning curve."""

import csv
import io

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from labeling.access import Act, get_project, may
from labeling.errors import Refused
from training.learning_curve_chart import curve_chart
from training.learning_curve_form import LearningCurveForm
from training.models import LearningCurve, Run, WorkerUse
from training.run_news import EPOCH_FIELDS, epoch_columns
from training.run_readings import confused_readings
from training.run_readings import run_readings as readings_of
from training.run_rounds import round_rows
from training.services.learning_curves import start_curve, stop_curve


@require_GET
def run_history(request: HttpRequest, project_id: int, number: int) -> JsonResponse:
    """Send all epochs of a run at once, as columns, and up to which row they go: events begin behind it."""
    run = _run(request, project_id, number)
    cursor, epochs = epoch_columns(run)
    use = WorkerUse.objects.filter(run=run).first()
    history = {"cursor": cursor, "epochs": epochs, "use": use and {"columns": use.columns}}
    response = JsonResponse(history, json_dumps_params={"separators": (",", ":")})
    response["Cache-Control"] = "no-store"
    return response


@require_GET
def run_history_csv(request: HttpRequest, project_id: int, number: int) -> HttpResponse:
    """Send all epochs of a run as a table, in full precision."""
    run = _run(request, project_id, number)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["epoch", *EPOCH_FIELDS[1:]])
    writer.writerows(run.history.order_by("number").values_list(*EPOCH_FIELDS))
    response = HttpResponse(text.getvalue(), content_type="text/csv")
    response["Content-Disposition"] = f'attachment; filename="run-{run.number}.csv"'
    return response


@require_GET
def run_readings(request: HttpRequest, project_id: int, number: int) -> HttpResponse:
    """Draw what the run reads in its validation images right now."""
    run = _run(request, project_id, number)
    context = {"project": run.project, "run": run, "readings": readings_of(run)}
    return render(request, "training/_run_readings.html", context)


@require_GET
def run_rounds(request: HttpRequest, project_id: int, number: int) -> HttpResponse:
    """Draw the rounds in which the run learnt from unlabelled images, as far as they are."""
    run = _run(request, project_id, number)
    context = {"project": run.project, "run": run, "rounds": round_rows(run)}
    return render(request, "training/_run_rounds.html", context)


@require_GET
def run_confused(request: HttpRequest, project_id: int, number: int) -> HttpResponse:
    """Show the validation images in which one character was read for another."""
    run = _run(request, project_id, number)
    written, read = (request.GET.get(name, "")[:1] for name in ("written", "read"))
    context = {
        "project": run.project,
        "run": run,
        "written": written,
        "read": read,
        "report": getattr(run, "report", None),
        "readings": confused_readings(run, written, read) if written != read else [],
    }
    return render(request, "training/run_confused.html", context)


@require_GET
def learning_curve(request: HttpRequest, project_id: int, number: int) -> HttpResponse:
    """Draw a run's learning curve as far as it is."""
    return _curve_part(request, _run(request, project_id, number))


@require_POST
def start_learning_curve(request: HttpRequest, project_id: int, number: int) -> HttpResponse:
    """Ask a worker for a learning curve."""
    run = _run(request, project_id, number, Act.TRAIN)
    form = LearningCurveForm(request.POST)
    if form.is_valid():
        try:
            start_curve(run=run, user=request.user, max_minutes=form.cleaned_data["max_minutes"])
        except Refused as refusal:
            messages.error(request, str(refusal))
    else:
        messages.error(request, "The learning curve was not started: " + form.sentence())
    return redirect(f"{run.get_absolute_url()}#learning-curve")


@require_POST
def stop_learning_curve(request: HttpRequest, project_id: int, number: int) -> HttpResponse:
    """Stop a learning curve; its points stay."""
    run = _run(request, project_id, number, Act.TRAIN)
    curve = LearningCurve.objects.select_related("project", "run").filter(run=run).first()
    if curve is not None:
        stop_curve(curve=curve, user=request.user)
    return redirect(f"{run.get_absolute_url()}#learning-curve")


def _curve_part(request: HttpRequest, run: Run) -> HttpResponse:
    return render(request, "training/_learning_curve.html", curve_context(request, run))


def curve_context(request: HttpRequest, run: Run) -> dict[str, object]:
    """What `training/_learning_curve.html` draws."""
    curve = getattr(run, "learning_curve", None)
    return {
        "project": run.project,
        "run": run,
        "curve": curve,
        "curve_chart": curve_chart(curve.points) if curve else None,
        "curve_form": LearningCurveForm(),
        "may_train": may(request.user, run.project, Act.TRAIN),
    }


def _run(request: HttpRequest, project_id: int, number: int, act: Act = Act.VIEW) -> Run:
    project = get_project(request.user, project_id, act)
    run: Run = get_object_or_404(
        project.runs.select_related("dataset", "report", "learning_curve"), number=number
    )
    # `get_project` has found out what its visitor may do.
    run.project = project
    return run
