"""How far the suggestions are, and training by itself: parts of other pages."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from labeling.access import Act, get_project
from labeling.errors import Refused
from training.forms import AutomaticLoopForm
from training.services.automatic_loop import switch_loop
from training.services.suggesting import suggest as start
from training.services.suggesting import switch_starter
from training.suggestion_progress import suggestion_progress


@require_GET
def suggestions(request: HttpRequest, project_id: int) -> HttpResponse:
    """Draw how many images have suggestions; empty once all have."""
    project = get_project(request.user, project_id)
    return render(request, "training/_suggestion_progress.html", suggestion_progress(request.user, project))


@require_POST
def suggest(request: HttpRequest, project_id: int) -> HttpResponse:
    """Have a worker read the images that lack a suggestion."""
    project = get_project(request.user, project_id, Act.TRAIN)
    try:
        start(project=project, user=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(project)


@require_POST
def starter_switch(request: HttpRequest, project_id: int) -> HttpResponse:
    """Switch the suggestions of the starter on or off."""
    project = get_project(request.user, project_id, Act.CHANGE_SETTINGS)
    switch = switch_starter(project=project, user=request.user, is_on="on" in request.POST)
    messages.success(
        request,
        "The starter suggests texts until the project has a model."
        if switch.is_on
        else "The starter suggests nothing any more.",
    )
    return redirect(f"{reverse('labeling:project_settings', args=[project.pk])}#starter")


@require_POST
def automatic_loop(request: HttpRequest, project_id: int) -> HttpResponse:
    """Switch training by itself on or off."""
    project = get_project(request.user, project_id, Act.CHANGE_SETTINGS)
    form = AutomaticLoopForm(request.POST, prefix="loop")
    if form.is_valid():
        loop = switch_loop(project=project, user=request.user, **form.cleaned_data)
        state = f"on: a run starts after {loop.every:,} new annotations" if loop.is_on else "off"
        messages.success(request, f"Automatic training is {state}.")
    else:
        problems = [
            f"{form[name].label}: {error}" for name, errors in form.errors.items() for error in errors
        ]
        messages.error(request, f"Automatic training is as it was. {' '.join(problems)}")
    return redirect(f"{reverse('labeling:project_settings', args=[project.pk])}#loop")
