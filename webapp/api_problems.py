"""Errors of the API as application/problem+json (RFC 9457): `title`, `status`, and a `detail` for people."""

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

CONTENT_TYPE = "application/problem+json"
ROOT = "/api/"

TITLES = {
    400: "The request cannot be understood",
    401: "Who are you?",
    403: "Not allowed",
    404: "Not found",
    405: "Not with this method",
    409: "Not now",
    413: "Too large",
    415: "Not in this format",
    422: "Refused",
    429: "Too many requests",
    500: "The server failed",
    503: "Not available right now",
}
DETAILS = {
    400: "Its body or its headers are malformed. Compare it with /api/v1/docs.",
    403: "Who asks may not do this, or a form's protection was missing. Send a token: Authorization: Bearer cwb_…",
    404: "There is nothing at this address, or it is not yours to see.",
    405: "This address exists, but not with this method; the header Allow tells which it knows.",
    413: "The request is too large or has too many parts. Send less at once.",
    500: "This is an error of the server; its log says more. Nothing is known to be wrong with the request.",
    503: "A part of the site does not answer right now. Try again in some seconds.",
}


def problem(status: int, detail: str, *, title: str = "", **more: Any) -> HttpResponse:
    """Return an error; `more` are further members of its JSON, such as `errors`."""
    body = {
        "type": "about:blank",
        "title": title or TITLES[status],
        "status": status,
        "detail": detail,
        **more,
    }
    content = json.dumps(body, ensure_ascii=False)
    return HttpResponse(content, status=status, content_type=CONTENT_TYPE)


def too_large(allowed: int, what: str = "The request") -> HttpResponse:
    """Return the answer to a request of more than so many bytes."""
    sentence = (
        f"{what} is larger than {size_words(allowed)}, which is the most that is allowed. Send less at once."
    )
    return problem(413, sentence, allowed_bytes=allowed)


def size_words(size: int) -> str:
    """Write a number of bytes as `64 MiB`, `2 GiB`, `1,000 bytes`."""
    for unit, name in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if size >= unit and size % unit == 0:
            return f"{size // unit:,} {name}"
    return f"{size:,} bytes"


class ProblemsMiddleware:
    """Whatever fails under /api/ answers with a problem, never with a page: a script reads it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code < 400 or not request.path_info.startswith(ROOT):
            return response
        if response.headers.get("Content-Type") == CONTENT_TYPE:
            return response
        # A developer wants the page with the traceback.
        if settings.DEBUG and response.status_code == 500:
            return response
        return _as_problem(response)


def _as_problem(response: HttpResponseBase) -> HttpResponseBase:
    status = response.status_code
    said = problem(
        status,
        _own_sentence(response) or DETAILS.get(status, "The request cannot be granted."),
        title=TITLES.get(status, response.reason_phrase),
    )
    if not isinstance(response, HttpResponse):
        return said
    # In place: what others have put into the headers stays, be it Allow or what protects browsers.
    response.content = said.content
    response["Content-Type"] = CONTENT_TYPE
    if "Content-Length" in response.headers:
        response["Content-Length"] = str(len(said.content))
    return response


def _own_sentence(response: HttpResponseBase) -> str:
    """Return what a JSON error already says; pages and plain words are for other readers."""
    if not isinstance(response, HttpResponse) or "json" not in response.headers.get("Content-Type", ""):
        return ""
    try:
        said = json.loads(response.content).get("detail", "")
    except (ValueError, AttributeError):
        return ""
    return said if isinstance(said, str) else ""
