"""What every request to the API passes before its route: who asks, how often, and whether it was asked before."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase

from webapp.accounts.tokens import find_token
from webapp.api_idempotency import HEADER, answer_once
from webapp.api_problems import ROOT, problem
from webapp.api_rate_limits import Allowance, Rate, take

UNREADABLE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent, MultiPartParserError)


class GateMiddleware:
    """Comes after the middleware that knows sessions: who sends no token may be signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.token_rate = Rate.parse(settings.API_RATE_PER_TOKEN)
        self.person_rate = Rate.parse(settings.API_RATE_PER_PERSON)
        self.stranger_rate = Rate.parse(settings.API_RATE_PER_STRANGER)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(ROOT):
            return self.get_response(request)
        allowance = take(self._limits(request))
        if allowance is not None and allowance.is_used_up:
            return self._too_many(allowance)
        response = self._answer(request)
        if allowance is not None:
            for name, value in allowance.headers.items():
                response[name] = value
        return response

    def _limits(self, request: HttpRequest) -> list[tuple[str, Rate | None]]:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        token = find_token(secret.strip()) if scheme.lower() == "bearer" else None
        if token is not None:
            # From here on, and for every route, the user is whom the token stands for, with the token's grant.
            request.user = token.user
            request.api_token = token  # type: ignore[attr-defined]
            return [(f"token:{token.pk}", self.token_rate), (f"person:{token.user_id}", self.person_rate)]
        if request.user.is_authenticated:
            return [(f"person:{request.user.pk}", self.person_rate)]
        return [(f"address:{request.META.get('REMOTE_ADDR', '')}", self.stranger_rate)]

    def _too_many(self, allowance: Allowance) -> HttpResponse:
        seconds = max(1, round(allowance.retry_seconds + 0.5))
        response = problem(
            429, f"These are more requests than allowed. Go on in {seconds} s, and ask for more at once."
        )
        response["Retry-After"] = str(seconds)
        for name, value in allowance.headers.items():
            response[name] = value
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        if "%00" in request.META.get("QUERY_STRING", ""):
            return problem(400, "The address has the character NUL (%00) in it. Leave it out.")
        # A stranger is sent away by the route, and has no keys.
        if request.method != "POST" or HEADER not in request.headers or not request.user.is_authenticated:
            return self.get_response(request)
        try:
            return answer_once(request, self.get_response)
        except UNREADABLE as error:
            return unreadable(error)


def unreadable(error: Exception) -> HttpResponse:
    """Return the answer to a body that cannot be read: too large, too many parts, or malformed."""
    if isinstance(error, RequestDataTooBig):
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        sentence = f"What is not a file in the request may be {limit // 2**20} MiB. Send less, or send files."
        return problem(413, sentence, allowed_bytes=limit)
    if isinstance(error, TooManyFilesSent):
        most = settings.DATA_UPLOAD_MAX_NUMBER_FILES
        return problem(413, f"A request may have {most} files. Send fewer at once.", allowed_files=most)
    if isinstance(error, TooManyFieldsSent):
        most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
        return problem(413, f"A request may have {most} fields. Send fewer at once.", allowed_fields=most)
    return problem(400, "The body is no well-formed multipart/form-data. Let a library write it (curl: -F).")
