"""Idempotency keys: a POST that is sent again under the same `Idempotency-Key` is done once and answered the same.

After draft-ietf-httpapi-idempotency-key-header. A key is a person's; its answer is kept for 24 hours. Only what was
done is remembered: a request that was refused has changed nothing and may be corrected and sent again under its key.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from webapp.accounts.models import StoredAnswer
from webapp.api_problems import problem

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
# A request under way that is older has lost its process.
LOST_AFTER = timedelta(minutes=10)
_KEY = re.compile(r"[!-~]{1,200}")


def answer_once(
    request: HttpRequest, get_response: Callable[[HttpRequest], HttpResponseBase]
) -> HttpResponseBase:
    """Answer a POST with a key: do it the first time, repeat the stored answer afterwards."""
    key = request.headers[HEADER]
    if not _KEY.fullmatch(key):
        return problem(
            400, f"{HEADER} has to be 1 to 200 visible ASCII characters without spaces, such as a UUID."
        )
    fingerprint = _fingerprint(request)
    ours, row = _claim(request.user, key, fingerprint)
    if not ours:
        return _repeated(row, fingerprint)
    # An answer that comes after its view has returned could not be stored here.
    request.waits_outside = False  # type: ignore[attr-defined]
    try:
        response = get_response(request)
    except BaseException:
        row.delete()
        raise
    if response.status_code >= 400 or response.streaming:
        row.delete()
    else:
        _store(row, response)
    return response


def forget_old_answers() -> None:
    """Delete answers that nobody may ask for again."""
    StoredAnswer.objects.filter(created_at__lt=timezone.now() - KEPT).delete()


def _claim(user: Any, key: str, fingerprint: str) -> tuple[bool, StoredAnswer]:
    """Return whether the request is ours to do, and the row of its key."""
    now = timezone.now()
    same_key = StoredAnswer.objects.filter(user=user.pk, key=key)
    same_key.filter(created_at__lt=now - KEPT).delete()
    same_key.filter(status=None, created_at__lt=now - LOST_AFTER).delete()
    row, created = StoredAnswer.objects.get_or_create(
        user_id=user.pk, key=key, defaults={"fingerprint": fingerprint, "created_at": now}
    )
    return created, row


def _store(row: StoredAnswer, response: HttpResponseBase) -> None:
    assert isinstance(response, HttpResponse)
    row.status = response.status_code
    row.content_type = response.headers.get("Content-Type", "")
    # What is not to be stored on the way is a secret: it is not stored here either.
    is_secret = "no-store" in response.headers.get("Cache-Control", "")
    row.body = None if is_secret else response.content
    # The row is gone where it was taken for lost meanwhile.
    StoredAnswer.objects.filter(pk=row.pk).update(
        status=row.status, content_type=row.content_type, body=row.body
    )


def _repeated(row: StoredAnswer, fingerprint: str) -> HttpResponse:
    if row.fingerprint != fingerprint:
        sentence = (
            f"The {HEADER} “{row.key}” was used for another request, or by a token with other rights. "
            "Send a new key with a new request."
        )
        return problem(422, sentence, title="This key is taken")
    if row.status is None:
        response = problem(409, f"The first request with the {HEADER} “{row.key}” is still under way.")
        response["Retry-After"] = "1"
        return response
    if row.body is None:
        sentence = (
            f"The request with the {HEADER} “{row.key}” was done; its answer holds a secret and is told once."
        )
        return problem(409, sentence, title="Done already")
    answer = HttpResponse(bytes(row.body), status=row.status, content_type=row.content_type or None)
    answer["Idempotency-Replayed"] = "true"
    return answer


def _fingerprint(request: HttpRequest) -> str:
    """Return a hash over everything that tells one request from another, and over what its token is for."""
    digest = hashlib.sha256()

    def add(*parts: str | bytes) -> None:
        for part in parts:
            data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
            digest.update(len(data).to_bytes(8, "big") + data)

    grant = getattr(request.user, "grant", None)
    rights = "" if grant is None else f"{grant.project_id} {' '.join(sorted(grant.scopes))}"
    add(request.path_info, request.META.get("QUERY_STRING", ""), rights)
    if request.content_type == "multipart/form-data":
        # Its boundary is another one each time that the same is sent.
        for name, values in sorted(request.POST.lists()):
            add(name, *map(str, values))
        for name, files in sorted(request.FILES.lists()):
            for file in files:
                add(str(name), file.name or "", _file_hash(file))
    else:
        add(request.content_type or "", request.body)
    return digest.hexdigest()


def _file_hash(file: Any) -> bytes:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.digest()
