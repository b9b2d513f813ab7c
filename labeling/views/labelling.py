"""The Label page and the small JSON answers that its keyboard flow lives on."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from labeling.access import Act, get_project
from labeling.errors import Refused
from labeling.models import Annotation, Image, Project
from labeling.models.annotations import AnnotationSource
from labeling.services.annotations import SkipReason, skip_image, withdraw
from labeling.services.annotations import annotate as save_annotation
from labeling.services.queue import BATCH, lease_images, queue_counts

RECENT = 12
MAX_CELLS = 12
# What one page can hold at once, with room: more ids than this are no honest request.
MAX_EXCLUDED = 1000


@require_GET
def label(request: HttpRequest, project_id: int) -> HttpResponse:
    """Show the labelling page; its images come from `label_batch`."""
    project = get_project(request.user, project_id, Act.LABEL)
    counts = queue_counts(project)
    config = {
        "alphabet": project.alphabet,
        "minLength": project.min_length,
        "maxLength": project.max_length,
        "caseSensitive": project.case_sensitive,
        "outbox": f"labels:{request.user.pk}:{project.pk}:",
        "labelled": counts.labelled,
        "unlabelled": counts.unlabelled,
        "skipped": counts.skipped,
        "skipReasons": [{"value": value, "title": title} for value, title in SkipReason.choices],
        "recent": [_annotation_json(one) for one in _recent(request.user, project)],
    }
    context = {
        "project": project,
        "counts": counts,
        "done": counts.labelled + counts.skipped,
        "config": config,
        "config_json": json.dumps(config),
        "cells": _cells(project),
    }
    return render(request, "labeling/label.html", context)


@require_GET
def label_batch(request: HttpRequest, project_id: int) -> JsonResponse:
    """Lease the next images to the user. `?exclude=1,2,3` leaves out those that the page holds already."""
    project = get_project(request.user, project_id, Act.LABEL)
    asked = request.GET.get("exclude", "").split(",")[:MAX_EXCLUDED]
    exclude = [int(part) for part in asked if part.isdecimal() and len(part) < 19]
    images = lease_images(project=project, user=request.user, count=BATCH, exclude=exclude)
    counts = queue_counts(project)
    return JsonResponse(
        {
            "images": [_image_json(image) for image in images],
            "labelled": counts.labelled,
            "unlabelled": counts.unlabelled,
            "skipped": counts.skipped,
        }
    )


class _BadWish(Exception):
    """The JSON is not as this page's own script writes it."""


def _json_wish(
    view: Callable[[HttpRequest, Project, dict[str, Any]], JsonResponse],
) -> Callable[..., JsonResponse]:
    """Decorate a view of a project and a JSON object; its refusals become `{"error": sentence}`."""

    @require_POST
    @wraps(view)
    def wrapped(request: HttpRequest, project_id: int) -> JsonResponse:
        project = get_project(request.user, project_id, Act.LABEL)
        try:
            wish = json.loads(request.body)
            if not isinstance(wish, dict):
                raise _BadWish("Send a JSON object.")
            return view(request, project, wish)
        except (_BadWish, Refused) as error:
            return JsonResponse({"error": str(error)}, status=400)
        except json.JSONDecodeError:
            return JsonResponse({"error": "Send JSON."}, status=400)

    return wrapped


@_json_wish
def annotate(request: HttpRequest, project: Project, wish: dict[str, Any]) -> JsonResponse:
    """Save a text: `{"image", "text", "key", "milliseconds"}`. The same key again changes nothing."""
    annotation = save_annotation(
        image=_image(project, wish),
        user=request.user,
        text=str(wish.get("text", "")),
        key=_key(wish),
        milliseconds=_milliseconds(wish),
    )
    return JsonResponse(_annotation_json(annotation))


@_json_wish
def skip(request: HttpRequest, project: Project, wish: dict[str, Any]) -> JsonResponse:
    """Save that an image has no text: `{"image", "reason", "key", "milliseconds"}`."""
    reason = wish.get("reason")
    if reason not in SkipReason.values:
        raise _BadWish(f"Choose a reason to skip: {', '.join(SkipReason.values)}.")
    annotation = skip_image(
        image=_image(project, wish),
        user=request.user,
        reason=SkipReason(reason),
        key=_key(wish),
        milliseconds=_milliseconds(wish),
    )
    return JsonResponse(_annotation_json(annotation))


@_json_wish
def undo(request: HttpRequest, project: Project, wish: dict[str, Any]) -> JsonResponse:
    """Take back what was saved under a key: `{"key"}`."""
    annotation = get_object_or_404(
        Annotation.objects.select_related("image__project"), image__project=project, key=_key(wish)
    )
    return JsonResponse({"image": _image_json(withdraw(annotation=annotation, user=request.user))})


def _cells(project: Project) -> list[str]:
    """Return one cell per character that a text can have; none where they would not fit side by side."""
    if project.max_length > MAX_CELLS:
        return []
    optional = project.max_length - project.min_length
    return ["needed"] * project.min_length + ["optional"] * optional


def _recent(user: Any, project: Project) -> list[Annotation]:
    """Return what the user typed last, newest first, so that a reload loses no undo."""
    typed = Annotation.objects.filter(
        annotator=user,
        image__project=project,
        source=AnnotationSource.TYPED,
        withdrawn_at=None,
        key__isnull=False,
    )
    return list(typed.select_related("image").order_by("-id")[:RECENT])


def _image(project: Project, wish: dict[str, Any]) -> Image:
    pk = wish.get("image")
    if not isinstance(pk, int):
        raise _BadWish("Say which image is meant: `image` is its number.")
    return get_object_or_404(Image.objects.select_related("project"), project=project, pk=pk)


def _key(wish: dict[str, Any]) -> UUID:
    try:
        return UUID(str(wish.get("key")))
    except ValueError:
        raise _BadWish("Every save needs a `key`: a UUID of its own.") from None


def _milliseconds(wish: dict[str, Any]) -> int | None:
    value = wish.get("milliseconds")
    return min(value, 2**31 - 1) if isinstance(value, int) and value >= 0 else None


def _image_json(image: Image) -> dict[str, Any]:
    return {
        "id": image.pk,
        "url": image.url,
        "width": image.width,
        "height": image.height,
        "name": image.name,
    }


def _annotation_json(annotation: Annotation) -> dict[str, Any]:
    return {
        "key": str(annotation.key),
        "image": _image_json(annotation.image),
        "text": annotation.text,
        "reason": annotation.skip_reason,
    }
