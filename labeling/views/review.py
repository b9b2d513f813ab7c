"""The Review page, where disputes and doubts are settled, and the page about how well people agree."""

import json
from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from labeling.access import Act, get_project, may
from labeling.models import Annotation, Project
from labeling.models.annotations import AnnotationSource
from labeling.services.agreement import LAST_IMAGES, compared_images, project_agreement
from labeling.services.annotations import SkipReason
from labeling.services.review import (
    Case,
    SettledAlready,
    case_of,
    next_cases,
    settle_case,
    undo_settlement,
    waiting,
)
from labeling.views.json_wishes import (
    BadWish,
    excluded_ids,
    json_wish,
    wished_image,
    wished_key,
    wished_milliseconds,
)

RECENT = 12
LOOKED_BACK = 200
SHOWN_CHARACTER_PAIRS = 30
SHOWN_DISAGREEMENTS = 24


@require_GET
def review(request: HttpRequest, project_id: int) -> HttpResponse:
    """Show the reviewing page; its images come from `review_batch`."""
    project = get_project(request.user, project_id, Act.REVIEW)
    left = waiting(project)
    config = {
        "alphabet": project.alphabet,
        "minLength": project.min_length,
        "maxLength": project.max_length,
        "caseSensitive": project.case_sensitive,
        "outbox": f"review:{request.user.pk}:{project.pk}:",
        "left": left.total,
        "skipReasons": dict(SkipReason.choices),
        "unreadable": SkipReason.UNREADABLE,
        "recent": [_settlement_json(one) for one in _recent(request.user, project)],
    }
    context = {"project": project, "waiting": left, "config_json": json.dumps(config)}
    return render(request, "labeling/review.html", context)


@require_GET
def review_batch(request: HttpRequest, project_id: int) -> JsonResponse:
    """Return the next images in review; `?exclude=1,2,3` are those that the page holds already."""
    project = get_project(request.user, project_id, Act.REVIEW)
    cases = next_cases(project=project, exclude=excluded_ids(request))
    return JsonResponse({"images": [_case_json(case) for case in cases], "left": waiting(project).total})


@json_wish(Act.REVIEW)
def review_settle(request: HttpRequest, project: Project, wish: dict[str, Any]) -> JsonResponse:
    """Settle an image: `{"image", "text" or "reason", "key", "milliseconds"}`.

    409 says that somebody else was quicker.
    """
    reason = wish.get("reason")
    if reason is not None and reason not in SkipReason.values:
        raise BadWish(f"Choose a reason: {', '.join(SkipReason.values)}.")
    try:
        annotation = settle_case(
            image=wished_image(project, wish),
            user=request.user,
            key=wished_key(wish),
            text=str(wish.get("text", "")),
            skip_reason=SkipReason(reason) if reason else None,
            milliseconds=wished_milliseconds(wish),
        )
    except SettledAlready as quicker:
        return JsonResponse({"error": str(quicker)}, status=409)
    return JsonResponse(_settlement_json(annotation))


@json_wish(Act.REVIEW)
def review_undo(request: HttpRequest, project: Project, wish: dict[str, Any]) -> JsonResponse:
    """Take back what was settled under a key: `{"key"}`. Returns the image as it is in review again."""
    annotation = get_object_or_404(Annotation, image__project=project, key=wished_key(wish))
    case = case_of(undo_settlement(annotation=annotation, user=request.user))
    return JsonResponse({"image": _case_json(case) if case else None})


@require_GET
def agreement(request: HttpRequest, project_id: int) -> HttpResponse:
    """Show how well people agree: per person, per character pair, and where they did not."""
    project = get_project(request.user, project_id, Act.REVIEW)
    images = compared_images(project)
    figures = project_agreement(images)
    people = get_user_model().objects.in_bulk(
        one.person for one in figures.people if isinstance(one.person, int)
    )
    disputed = [one for one in images if not one.are_alike][:SHOWN_DISAGREEMENTS]
    context = {
        "project": project,
        "figures": figures,
        # Without an account: whom an imported file names.
        "people": [(people.get(one.person), one) for one in figures.people],
        "has_people_of_files": any(isinstance(one.person, str) for one in figures.people),
        "character_pairs": figures.character_pairs[:SHOWN_CHARACTER_PAIRS],
        "disagreements": disputed,
        "last_images": LAST_IMAGES,
        "may_change_settings": may(request.user, project, Act.CHANGE_SETTINGS),
    }
    return render(request, "labeling/agreement.html", context)


def _recent(user: Any, project: Project) -> list[Annotation]:
    """Return what the user settled last, newest first, so that a reload loses no undo."""
    # Among the last ones only: who labels, too, may have hundreds of thousands.
    last = Annotation.objects.filter(annotator=user).order_by("-id").values("pk")[:LOOKED_BACK]
    settled = Annotation.objects.filter(
        pk__in=last,
        image__project=project,
        source=AnnotationSource.REVIEW,
        withdrawn_at=None,
        key__isnull=False,
    )
    return list(settled.select_related("image").order_by("-id")[:RECENT])


def _case_json(case: Case) -> dict[str, Any]:
    return {
        "id": case.image.pk,
        "url": case.image.url,
        "width": case.image.width,
        "height": case.image.height,
        "name": case.image.name,
        "kind": case.kind,
        "choices": [
            {"text": choice.text, "reason": choice.skip_reason, "saidBy": choice.said_by}
            for choice in case.choices
        ],
    }


def _settlement_json(annotation: Annotation) -> dict[str, Any]:
    image = annotation.image
    return {
        "key": str(annotation.key),
        "image": {"id": image.pk, "url": image.url, "width": image.width, "height": image.height},
        "text": annotation.text,
        "reason": annotation.skip_reason,
    }
