"""Deleting a run, or a search with its trials, after a look at what goes with it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from labeling.access import Act, get_project
from labeling.errors import Refused
from training.models import Search
from training.services.deleting_runs import delete_run as delete
from training.services.deleting_runs import run_contents
from training.services.deleting_searches import delete_search as delete_with_trials
from training.services.deleting_searches import search_contents


@require_http_methods(["GET", "POST"])
def delete_run(request: HttpRequest, project_id: int, number: int) -> HttpResponse:
    """Say what goes with a run, and once that is confirmed delete it.

    Where its model is in production, `name` has to be the run's, typed.
    """
    project = get_project(request.user, project_id, Act.DELETE_RUNS)
    run = get_object_or_404(project.runs.select_related("dataset", "project"), number=number)
    if request.method == "POST":
        try:
            delete(
                run=run, user=request.user, even_production=request.POST.get("name", "").strip() == str(run)
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("training:delete_run", project.pk, run.number)
        messages.success(request, f"{run} and all that came of it is deleted.")
        return redirect("training:runs", project.pk)
    context = {"project": project, "run": run, "contents": run_contents(run)}
    return render(request, "training/delete_run.html", context)


@require_http_methods(["GET", "POST"])
def delete_search(request: HttpRequest, project_id: int, search_number: int) -> HttpResponse:
    """Say what goes with a search, and once that is confirmed delete it.

    Where the model of a trial is in production, `name` has to be the search's, typed.
    """
    project = get_project(request.user, project_id, Act.DELETE_RUNS)
    search = get_object_or_404(
        Search.objects.select_related("dataset"), project=project, number=search_number
    )
    if request.method == "POST":
        confirmed = request.POST.get("name", "").strip() == str(search)
        try:
            delete_with_trials(search=search, user=request.user, even_production=confirmed)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("training:delete_search", project.pk, search.number)
        messages.success(request, f"{search} and all that came of its trials is deleted.")
        return redirect("training:searches", project.pk)
    context = {"project": project, "search": search, "contents": search_contents(search)}
    return render(request, "training/delete_search.html", context)
