"""What pages' own scripts send: JSON objects, checked here, answered with JSON or `{"error": sentence}`."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from labeling.access import Act, get_project
from labeling.errors import ImageGone, Refused
from labeling.models import Image, Project

# What one page can hold at once, with room: more ids than this are no honest request.
MAX_EXCLUDED = 1000

WishView = Callable[..., JsonResponse]


class BadWish(Exception):
    """The JSON is not as the page's own script writes it."""


def json_wish(act: Act) -> Callable[[WishView], Callable[..., JsonResponse]]:
    """Decorate a view of a project and a JSON object that somebody who may do something sent; what else the address
    names comes by its name."""

    def decorate(view: WishView) -> Callable[..., JsonResponse]:
        @require_POST
        @wraps(view)
        def wrapped(request: HttpRequest, project_id: int, **more: int) -> JsonResponse:
            # A wish changes what is counted.
            project = get_project(request.user, project_id, act, with_counts=False)
            try:
                wish = json.loads(request.body)
                if not isinstance(wish, dict):
                    raise BadWish("Send a JSON object.")
                return view(request, project, wish, **more)
            except ImageGone as error:
                return JsonResponse({"error": str(error)}, status=404)
            except (BadWish, Refused) as error:
                return JsonResponse({"error": str(error)}, status=400)
            except json.JSONDecodeError:
                return JsonResponse({"error": "Send JSON."}, status=400)

        return wrapped

    return decorate


def excluded_ids(request: HttpRequest) -> list[int]:
    """Return the numbers of `?exclude=1,2,3`: images that the page holds already."""
    asked = request.GET.get("exclude", "").split(",")[:MAX_EXCLUDED]
    return [int(part) for part in asked if part.isdecimal() and len(part) < 19]


def named_image(project: Project, wish: dict[str, Any]) -> Image:
    """Return the image that `{"image": number}` names, for a service that reads the row itself: it may not be there.

    Raises:
        BadWish: there is no number.
    """
    pk = wish.get("image")
    if not isinstance(pk, int):
        raise BadWish("Say which image is meant: `image` is its number.")
    return Image(pk=pk, project=project)


def wished_image(project: Project, wish: dict[str, Any]) -> Image:
    """Return the image that `{"image": number}` names.

    Raises:
        BadWish: there is no number.
        ImageGone: the project has no such image.
    """
    image = Image.objects.filter(project=project, pk=named_image(project, wish).pk).first()
    if image is None:
        raise ImageGone
    # Loaded for the request already.
    image.project = project
    return image


def wished_key(wish: dict[str, Any]) -> UUID:
    """Return the `{"key": UUID}` of a save.

    Raises:
        BadWish: there is none.
    """
    key = uuid_or_none(wish.get("key"))
    if key is None:
        raise BadWish("Every save needs a `key`: a UUID of its own.")
    return key


def wished_milliseconds(wish: dict[str, Any]) -> int | None:
    """Return the `{"milliseconds": number}` that a save took, None where it is no sensible number."""
    value = wish.get("milliseconds")
    return min(value, 2**31 - 1) if isinstance(value, int) and value >= 0 else None


def uuid_or_none(value: Any) -> UUID | None:
    """Return the UUID that a value spells."""
    try:
        return UUID(str(value))
    except ValueError:
        return None
