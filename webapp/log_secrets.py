"""Keeping secrets out of the log: nothing writes them on purpose, and what others write passes through here.

Addresses are logged with every refused request, and errors of libraries quote what they were given.
"""

import logging
import os
import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import quote, unquote

from django.conf import settings

HIDDEN = "…"
SHORTEST_SECRET = 6
"""A shorter value is no secret, and would be found within ordinary words."""

VARIABLES = ("SECRET_KEY", "ADMIN_PASSWORD", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
"""Environment variables whose values are secret as a whole."""
ADDRESSES = ("DATABASE_URL", "REDIS_URL", "S3_ENDPOINT_URL", "MLFLOW_TRACKING_URI")
"""Environment variables with addresses that may have a password in them."""

_PATTERNS = [
    # API tokens and what webhooks are signed with.
    (re.compile(r"\b(cwb|whsec)_[\w+/=-]+"), rf"\1_{HIDDEN}"),
    # Invitations: the address is the secret.
    (re.compile(r"(/join/)[^/\s]+"), rf"\1{HIDDEN}"),
    (re.compile(r"\b(Bearer|Basic)\s+[^\s'\",]+", re.IGNORECASE), rf"\1 {HIDDEN}"),
    # scheme://user:password@host
    (re.compile(r"([a-z][a-z0-9+.-]*://[^\s/:@]*):[^\s/@]+@", re.IGNORECASE), rf"\1:{HIDDEN}@"),
    # Signed addresses of storages.
    (
        re.compile(
            r"([?&](?:X-Amz-(?:Signature|Credential|Security-Token)|Signature|AWSAccessKeyId)=)[^&\s'\"]+",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
]


class SecretsHidden(logging.Formatter):
    """Formats a record, its traceback included, with every secret in it replaced."""

    def format(self, record: logging.LogRecord) -> str:
        return hide_secrets(super().format(record))


def hide_secrets(text: str) -> str:
    """Replace in a text what looks like a secret, and what this process knows to be one."""
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    known = _known_secrets()
    return known.sub(HIDDEN, text) if known else text


@cache
def _known_secrets() -> re.Pattern[str] | None:
    # As they are and as they stand in addresses; the longest first, as one may be the beginning of another.
    values = {form for value in _secret_values() for form in (value, quote(value, safe=""))}
    long_enough = sorted((value for value in values if len(value) >= SHORTEST_SECRET), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, long_enough))) if long_enough else None


def _secret_values() -> Iterator[str]:
    yield settings.SECRET_KEY
    yield str(settings.DATABASES["default"].get("PASSWORD") or "")
    for name in VARIABLES:
        yield os.environ.get(name, "")
    for name in ADDRESSES:
        # Left alone where it is no address: nothing may fail while something is logged.
        _, _, behind = os.environ.get(name, "").partition("://")
        user, at, _ = behind.rpartition("@")
        if at:
            yield unquote(user.partition(":")[2])
