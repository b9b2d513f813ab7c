"""The preview of augmentation on the Train page."""

import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from labeling.access import Act, get_project
from labeling.errors import Refused
from training.forms import typed_hyperparameters
from training.recognition.architectures import UnknownArchitecture, get_architecture
from training.services.augmentation_preview import preview_augmentation


@require_POST
def augmentation_preview(request: HttpRequest, project_id: int) -> HttpResponse:
    """Draw what the form's architecture would see of some images with what is typed in; anew with each request."""
    project = get_project(request.user, project_id, Act.TRAIN)
    context: dict[str, object] = {"project": project}
    try:
        architecture = get_architecture(request.POST.get("architecture", ""))
        context["preview"] = preview_augmentation(
            project=project,
            architecture=architecture,
            hyperparameters=typed_hyperparameters(architecture, request.POST),
            seed=secrets.randbits(32),
        )
    except (UnknownArchitecture, Refused) as error:
        context["problem"] = str(error)
    return render(request, "training/_augmentation_preview.html", context)
