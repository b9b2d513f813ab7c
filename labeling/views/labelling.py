"""The Label page and the small JSON answers that its keyboard flow lives on."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from labeling.access import Act, get_project
from labeling.models import Annotation, Image, Project
from labeling.services.annotations import Saved, SkipReason, submit, withdraw
from labeling.services.queue import lease_images
from labeling.views.json_wishes import (
    BadWish,
    excluded_ids,
    json_wish,
    named_image,
    uuid_or_none,
    wished_key,
    wished_milliseconds,
)

RECENT = 12
LOOKED_BACK = 200
MAX_CELLS = 12


@require_GET
def label(request: HttpRequest, project_id: int) -> HttpResponse:
    """Show the labelling page; its images come from `label_batch`."""
    project = get_project(request.user, project_id, Act.LABEL)
    config = {
        "alphabet": project.alphabet,
        "minLength": project.min_length,
        "maxLength": project.max_length,
        "caseSensitive": project.case_sensitive,
        "overlap": project.overlap,
        "outbox": f"labels:{request.user.pk}:{project.pk}:",
        **_counts_json(project),
        "skipReasons": [{"value": value, "title": title} for value, title in SkipReason.choices],
        "recent": [_annotation_json(one) for one in _recent(request.user, project)],
    }
    context = {
        "project": project,
        "counts": project.counts,
        "config": config,
        "config_json": json.dumps(config),
        "cells": label_cells(project),
    }
    return render(request, "labeling/label.html", context)


@require_GET
def label_batch(request: HttpRequest, project_id: int) -> JsonResponse:
    """Lease the next images to the user's page `?page=UUID`; `&exclude=1,2,3` are those that it holds already."""
    project = get_project(request.user, project_id, Act.LABEL)
    page = uuid_or_none(request.GET.get("page"))
    images = lease_images(project=project, user=request.user, exclude=excluded_ids(request), page=page)
    return JsonResponse({"images": [_image_json(image) for image in images], **_counts_json(project)})


@json_wish(Act.LABEL)
def annotate(request: HttpRequest, project: Project, wish: dict[str, Any]) -> JsonResponse:
    """Save a text: `{"image", "text", "key", "milliseconds", "suggested", "confirmed"}`.

    The same key again changes nothing. The answer's `message` is for the annotator, empty where all is as expected.
    """
    saved = submit(
        image=named_image(project, wish),
        user=request.user,
        text=str(wish.get("text", "")),
        key=wished_key(wish),
        milliseconds=wished_milliseconds(wish),
        suggested=str(wish.get("suggested", "")),
        is_confirmed=wish.get("confirmed") is True,
    )
    return JsonResponse(_saved_json(saved))


@json_wish(Act.LABEL)
def skip(request: HttpRequest, project: Project, wish: dict[str, Any]) -> JsonResponse:
    """Save that an image has no text: `{"image", "reason", "key", "milliseconds"}`."""
    reason = wish.get("reason")
    if reason not in SkipReason.values:
        raise BadWish(f"Choose a reason to skip: {', '.join(SkipReason.values)}.")
    saved = submit(
        image=named_image(project, wish),
        user=request.user,
        skip_reason=SkipReason(reason),
        key=wished_key(wish),
        milliseconds=wished_milliseconds(wish),
    )
    return JsonResponse(_saved_json(saved))


@json_wish(Act.LABEL)
def undo(request: HttpRequest, project: Project, wish: dict[str, Any]) -> JsonResponse:
    """Take back what was saved under a key: `{"key", "page"}`. The page holds the image from now on."""
    annotation = get_object_or_404(Annotation, image__project=project, key=wished_key(wish))
    image = withdraw(annotation=annotation, user=request.user, page=uuid_or_none(wish.get("page")))
    return JsonResponse({"image": _image_json(image)})


def label_cells(project: Project) -> list[str]:
    """Return one cell per character that a text can have; none where they would not fit side by side."""
    if project.max_length > MAX_CELLS:
        return []
    optional = project.max_length - project.min_length
    return ["needed"] * project.min_length + ["optional"] * optional


def _recent(user: Any, project: Project) -> list[Annotation]:
    """Return what the user said last, newest first, so that a reload loses no undo."""
    # Among the last ones only: who labels in other projects, too, may have hundreds of thousands.
    last = Annotation.objects.filter(annotator=user).order_by("-id").values("pk")[:LOOKED_BACK]
    here = Annotation.objects.filter(
        pk__in=last, image__project=project, withdrawn_at=None, key__isnull=False
    )
    return list(here.select_related("image__suggestion").order_by("-id")[:RECENT])


def _counts_json(project: Project) -> dict[str, int]:
    return {"done": project.counts.done, "left": project.counts.unlabelled}


def _image_json(image: Image) -> dict[str, Any]:
    suggestion = getattr(image, "suggestion", None)
    return {
        "id": image.pk,
        "url": image.url,
        "width": image.width,
        "height": image.height,
        "name": image.name,
        "suggestion": suggestion.text if suggestion else "",
        "confidence": suggestion.confidence if suggestion else 0,
    }


def _annotation_json(annotation: Annotation) -> dict[str, Any]:
    return {
        "key": str(annotation.key),
        "image": _image_json(annotation.image),
        "text": annotation.text,
        "reason": annotation.skip_reason,
    }


def _saved_json(saved: Saved) -> dict[str, str]:
    return {"outcome": saved.outcome, "message": saved.sentence}
