"""The page on which a person transcribes the images that a training without labels asks about, and its JSON answers.

It is the Label page's flow (keyboard only, saved one by one, nothing lost by a reload) without any suggestion.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from labeling.access import Act, get_project
from labeling.models import Image, Project
from labeling.services.annotations import Saved, SkipReason
from labeling.views.json_wishes import (
    BadWish,
    excluded_ids,
    json_wish,
    named_image,
    wished_key,
    wished_milliseconds,
)
from labeling.views.labelling import label_cells
from training.models import LabelFree
from training.services.asked import ANSWERED, answer, next_asked, take_back, unanswered


def _asked_wish(view: Callable[..., JsonResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view of a wish about the images that a run asks about: without such a run there is nothing here,
    whatever is wished."""
    answer_wish = json_wish(Act.LABEL)(view)

    @require_POST
    @wraps(view)
    def wrapped(request: HttpRequest, project_id: int, label_free_number: int) -> HttpResponse:
        _get(get_project(request.user, project_id, Act.LABEL, with_counts=False), label_free_number)
        response: HttpResponse = answer_wish(request, project_id, label_free_number=label_free_number)
        return response

    return wrapped


@require_GET
def transcribe(request: HttpRequest, project_id: int, label_free_number: int) -> HttpResponse:
    """Show the images that are asked about, one after the other."""
    project = get_project(request.user, project_id, Act.LABEL)
    row = _get(project, label_free_number)
    if row.asked_at is None:
        return redirect(row.run)
    counts = _counts(row)
    config = {
        "alphabet": project.alphabet,
        "minLength": project.min_length,
        "maxLength": project.max_length,
        "caseSensitive": project.case_sensitive,
        # The page counts by itself: nobody else is asked meanwhile, or the next batch says so.
        "overlap": 1,
        "outbox": f"asked:{request.user.pk}:{row.pk}:",
        **counts,
        "skipReasons": [{"value": value, "title": title} for value, title in SkipReason.choices],
        "recent": _recent(request.user, row) if counts["left"] else [],
    }
    context = {
        "project": project,
        "run": row.run,
        "config": config,
        "config_json": json.dumps(config),
        "counts": counts,
        "total": counts["done"] + counts["left"],
        "cells": label_cells(project),
    }
    return render(request, "training/transcribe.html", context)


@require_GET
def asked_batch(request: HttpRequest, project_id: int, label_free_number: int) -> JsonResponse:
    """Send the next images; `?exclude=1,2,3` are those that the page holds already."""
    project = get_project(request.user, project_id, Act.LABEL)
    row = _get(project, label_free_number)
    images = [asked.image for asked in next_asked(row, excluded_ids(request))]
    return JsonResponse({"images": [_image_json(image) for image in images], **_counts(row)})


@_asked_wish
def asked_annotate(
    request: HttpRequest, project: Project, wish: dict[str, Any], label_free_number: int
) -> JsonResponse:
    """Save a text: `{"image", "text", "key", "milliseconds"}`. The same key again changes nothing."""
    return _saved_json(
        answer(
            label_free=_get(project, label_free_number),
            image_id=named_image(project, wish).pk,
            user=request.user,
            key=wished_key(wish),
            text=str(wish.get("text", "")),
            milliseconds=wished_milliseconds(wish),
        )
    )


@_asked_wish
def asked_skip(
    request: HttpRequest, project: Project, wish: dict[str, Any], label_free_number: int
) -> JsonResponse:
    """Save that an image has no text: `{"image", "reason", "key", "milliseconds"}`."""
    reason = wish.get("reason")
    if reason not in SkipReason.values:
        raise BadWish(f"Choose a reason to skip: {', '.join(SkipReason.values)}.")
    return _saved_json(
        answer(
            label_free=_get(project, label_free_number),
            image_id=named_image(project, wish).pk,
            user=request.user,
            key=wished_key(wish),
            skip_reason=SkipReason(reason),
            milliseconds=wished_milliseconds(wish),
        )
    )


@_asked_wish
def asked_undo(
    request: HttpRequest, project: Project, wish: dict[str, Any], label_free_number: int
) -> JsonResponse:
    """Take back what was saved under a key: `{"key"}`."""
    row = _get(project, label_free_number)
    image = take_back(label_free=row, key=wished_key(wish), user=request.user)
    return JsonResponse({"image": _image_json(image)})


def _get(project: Project, number: int) -> LabelFree:
    rows = LabelFree.objects.select_related("run").defer("style", "pictures")
    row: LabelFree = get_object_or_404(rows, run__project=project, run__number=number)
    row.run.project = project
    return row


def _counts(row: LabelFree) -> dict[str, int]:
    left, asked = unanswered(row).count(), row.asked.count()
    return {"done": asked - left, "left": left}


def _recent(user: Any, row: LabelFree) -> list[dict[str, Any]]:
    """Return what the user said last, newest first, so that a reload loses no undo."""
    said = row.asked.filter(ANSWERED, annotation__annotator=user, annotation__key__isnull=False)
    rows = said.select_related("annotation", "image").order_by("-annotation")[:12]
    return [
        {
            "key": str(each.annotation.key),
            "image": _image_json(each.image),
            "text": each.annotation.text,
            "reason": each.annotation.skip_reason,
        }
        for each in rows
        if each.annotation
    ]


def _image_json(image: Image) -> dict[str, Any]:
    # Never a suggestion: who is asked must not know what was read.
    return {
        "id": image.pk, "url": image.url, "width": image.width, "height": image.height, "name": image.name,
        "suggestion": "",
    }  # fmt: skip


def _saved_json(saved: Saved) -> JsonResponse:
    return JsonResponse({"outcome": saved.outcome, "message": saved.sentence})
