"""The part of the settings that says how images are handed out."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from labeling.access import Act, get_project
from labeling.forms import QueueForm
from labeling.services.queue_settings import change_queue


@require_POST
def queue_settings(request: HttpRequest, project_id: int) -> HttpResponse:
    """Change the queue's order, its overlap and its share of checks."""
    project = get_project(request.user, project_id, Act.CHANGE_SETTINGS)
    form = QueueForm(request.POST, prefix="queue")
    if form.is_valid():
        data = form.cleaned_data
        settling = change_queue(
            project=project,
            user=request.user,
            queue_order=data["queue_order"],
            overlap=data["overlap"],
            gold_share=data["gold_percent"] / 100,
        )
        sequel = " What was read before is compared anew; a worker is at it." if settling else ""
        messages.success(request, f"The queue is changed.{sequel}")
    else:
        problems = [
            f"{form[name].label}: {' '.join(map(str, errors))}" for name, errors in form.errors.items()
        ]
        messages.error(request, f"The queue is as it was. {' '.join(problems)}")
    return redirect(f"{reverse('labeling:project_settings', args=[project.pk])}#queue")


@require_GET
def settling_progress(request: HttpRequest, project_id: int) -> HttpResponse:
    """Draw how far the comparing of what was read before is; empty once it is done."""
    project = get_project(request.user, project_id)
    return render(request, "labeling/settings/_settling.html", {"project": project})
