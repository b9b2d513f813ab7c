"""The HTTP API under /api/v1/: who asks, how errors look, and where the routes of the apps hang."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException
from django.urls import URLPattern
from django.views.decorators.csrf import csrf_exempt
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.docs import Swagger
from ninja.security import HttpBearer, SessionAuth

from labeling.api import router as labeling_router
from labeling.errors import Refused
from training.api import router as training_router
from training.services.reading import ReaderUnavailable
from webapp.accounts.models import ApiToken, User
from webapp.api_account import router as account_router
from webapp.api_document import DESCRIPTION, TAGS, DocumentedApi
from webapp.api_gate import unreadable
from webapp.api_parser import NoJson, OtherType, StrictParser
from webapp.api_problems import problem

RETRY_AFTER_SECONDS = 5


class TokenAuth(HttpBearer):
    """`Authorization: Bearer cwb_…`, made on the account page or on a project's page API."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        # `webapp.api_gate` has looked it up.
        found: ApiToken | None = getattr(request, "api_token", None)
        return found.user if found else None


def _for_people_who_are_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Show the documentation to whoever may use the API; a script is told, a person is sent to sign in."""

    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.path.endswith(".json"):
            return _who_are_you()
        return redirect_to_login(request.get_full_path())

    return shown


api = DocumentedApi(
    title="Captcha Workbench",
    version="1",
    description=DESCRIPTION,
    auth=[TokenAuth(), SessionAuth()],
    urls_namespace="api-1",
    docs=Swagger(
        {"persistAuthorization": False, "defaultModelsExpandDepth": 0, "displayRequestDuration": True}
    ),
    docs_decorator=_for_people_who_are_in,
    parser=StrictParser(),
    openapi_extra={"tags": TAGS},
)
api.add_router("", account_router)
api.add_router("", labeling_router)
api.add_router("", training_router)


@api.exception_handler(Refused)
def _refused(request: HttpRequest, error: Refused) -> HttpResponse:
    return problem(422, str(error))


@api.exception_handler(ReaderUnavailable)
def _unavailable(request: HttpRequest, error: ReaderUnavailable) -> HttpResponse:
    response = problem(503, str(error), title="No reading right now")
    response["Retry-After"] = str(getattr(error, "retry_after", RETRY_AFTER_SECONDS))
    return response


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    # What was sent is not sent back: it may be large, or no JSON.
    errors = [{"loc": one["loc"], "msg": one["msg"], "type": one["type"]} for one in error.errors]
    places = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in errors[:5])
    more = f"; and {len(errors) - 5} more" if len(errors) > 5 else ""
    return problem(
        422, f"{places}{more}.", title="The request does not have the form it needs", errors=errors
    )


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(404, "There is nothing at this address, or it is not yours to see.")


@api.exception_handler(PermissionDenied)
def _denied(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return problem(403, str(error))


@api.exception_handler(AuthenticationError)
def _stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return _who_are_you()


@api.exception_handler(HttpError)
def _other(request: HttpRequest, error: HttpError) -> HttpResponse:
    # Ninja tells of a body that it could not read in other words, and only when debugging.
    if isinstance(error.__cause__, NoJson):
        return problem(415 if isinstance(error.__cause__, OtherType) else 400, str(error.__cause__))
    return problem(error.status_code, str(error), title="Refused")


@api.exception_handler(RawPostDataException)
def _no_json(request: HttpRequest, error: RawPostDataException) -> HttpResponse:
    # The protection of forms has read the body before.
    return problem(415, "This address takes JSON. Send it with the header Content-Type: application/json.")


@api.exception_handler(RequestDataTooBig)
@api.exception_handler(TooManyFieldsSent)
@api.exception_handler(TooManyFilesSent)
@api.exception_handler(MultiPartParserError)
def _unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
    return unreadable(error)


def _who_are_you() -> HttpResponse:
    detail = (
        "Send a valid token: Authorization: Bearer cwb_…  "
        "Make one on your account page, or on a project's page API."
    )
    response = problem(401, detail)
    response["WWW-Authenticate"] = "Bearer"
    return response


@login_not_required
@csrf_exempt
def unknown_address(request: HttpRequest) -> HttpResponse:
    """Answer for every address under /api/ that does not exist: a script gets a problem, no page."""
    return problem(404, f"There is no {request.path} in this API. /api/v1/docs shows what there is.")


def urls() -> Any:
    """Return the API's addresses, which check for themselves who asks: a token has no session to redirect to."""
    patterns, app_name, namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback.login_required = False  # type: ignore[attr-defined]
    return patterns, app_name, namespace
