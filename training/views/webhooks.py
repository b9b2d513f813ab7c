"""The page about where ended batches are announced."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from labeling.access import Act, get_project
from labeling.errors import Refused
from labeling.models import Project
from training.models import Webhook, WebhookDelivery
from training.services import webhooks as services
from training.services.webhooks_delivery import PAUSES

DELIVERIES_SHOWN = 10


@require_http_methods(["GET", "POST"])
def webhook(request: HttpRequest, project_id: int) -> HttpResponse:
    """Show the project's webhook and what came of it; set its address, and show the new secret this once."""
    project = get_project(request.user, project_id, Act.CHANGE_SETTINGS)
    if request.method == "GET":
        return _page(request, project)
    url = request.POST.get("url", "").strip()
    try:
        _, secret = services.set_webhook(project=project, user=request.user, url=url)
    except Refused as refusal:
        return _page(request, project, url=url, refusal=str(refusal))
    response = _page(request, project, secret=secret)
    # Neither the browser nor anything on the way keeps a page with a secret on it.
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def remove_webhook(request: HttpRequest, project_id: int) -> HttpResponse:
    """Announce nothing any more."""
    project = get_project(request.user, project_id, Act.CHANGE_SETTINGS)
    services.remove_webhook(project=project, user=request.user)
    messages.success(request, "Ended batches are not announced any more.")
    return redirect("training:webhook", project_id)


def _page(
    request: HttpRequest, project: Project, *, url: str = "", refusal: str = "", secret: str = ""
) -> HttpResponse:
    hook = Webhook.objects.filter(project=project).first()
    deliveries = WebhookDelivery.objects.filter(batch__project=project).select_related("batch")
    context = {
        "project": project,
        "webhook": hook,
        "is_on": services.are_on(),
        "off": services.OFF,
        "url": url or (hook.url if hook else ""),
        "refusal": refusal,
        "secret": secret,
        "deliveries": deliveries[:DELIVERIES_SHOWN],
        "most_tries": len(PAUSES) + 1,
    }
    return render(request, "training/webhook.html", context, status=422 if refusal else 200)
