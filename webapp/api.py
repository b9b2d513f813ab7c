"""The HTTP API under /api/v1/: who asks, how errors look, and where the routes of the apps hang."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError
from ninja.security import HttpBearer, SessionAuth

from labeling.api import router as labeling_router
from labeling.errors import Refused
from training.api import router as training_router
from training.services.reading import ReaderUnavailable
from webapp.accounts.models import User
from webapp.accounts.tokens import user_of


class TokenAuth(HttpBearer):
    """`Authorization: Bearer cwb_…`, made on the account page."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        user = user_of(token)
        if user is not None:
            request.user = user
        return user


api = NinjaAPI(
    title="Captcha Workbench",
    version="1",
    description="Import images, read them, and watch runs. Sign in with a token from your account page.",
    auth=[TokenAuth(), SessionAuth()],
    urls_namespace="api-1",
    docs_decorator=login_required,
)
api.add_router("", labeling_router)
api.add_router("", training_router)


def _problem(request: HttpRequest, status: int, title: str, detail: Any) -> HttpResponse:
    """An error as application/problem+json (RFC 9457)."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    response = api.create_response(request, body, status=status)
    response["Content-Type"] = "application/problem+json"
    return response


@api.exception_handler(Refused)
def _refused(request: HttpRequest, error: Refused) -> HttpResponse:
    return _problem(request, 422, "Refused", str(error))


@api.exception_handler(ReaderUnavailable)
def _unavailable(request: HttpRequest, error: ReaderUnavailable) -> HttpResponse:
    response = _problem(request, 503, "No reading right now", str(error))
    response["Retry-After"] = str(error.retry_after)
    return response


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return _problem(request, 422, "The request does not have the form it needs", error.errors)


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return _problem(
        request,
        404,
        "Not found",
        "There is nothing at this address, or it is not yours to see.",
    )


@api.exception_handler(PermissionDenied)
def _denied(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return _problem(request, 403, "Not allowed", str(error))


@api.exception_handler(AuthenticationError)
def _stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    detail = "Send a valid token: Authorization: Bearer cwb_…  Make one on your account page."
    return _problem(request, 401, "Who are you?", detail)


def urls() -> Any:
    """Return the API's addresses, which check for themselves who asks: a token has no session to redirect to."""
    patterns, app_name, namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback.login_required = False  # type: ignore[attr-defined]
    return patterns, app_name, namespace
