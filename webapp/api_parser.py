"""Reading JSON as the standard has it, so that nothing gets in that a database or another reader chokes on."""

import json
import math
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.parser import Parser


class NoJson(ValueError):
    """The body is no JSON; the message says why, and what to do."""


class OtherType(NoJson):
    """The body says itself that it is something else."""


FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


class StrictParser(Parser):
    """Refuses NaN and Infinity (RFC 8259), half surrogate pairs, and NUL, which PostgreSQL cannot store."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type in FORMS:
            raise OtherType(
                "This address takes JSON. Send it with the header Content-Type: application/json."
            )
        body = request.body
        try:
            data = json.loads(body, parse_constant=_no_number, parse_float=_finite)
        except (ValueError, RecursionError) as error:
            raise NoJson(f"The body is no JSON that can be read: {error}.") from None
        # Whatever may not be in a text has to be written as an escape.
        if b"\\u" in body:
            _check_texts(data)
        return data


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:20]} is too large a number")
    return number


def _check_texts(data: Any) -> None:
    text = json.dumps(data, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NoJson(
            "The body is no JSON that can be read: half of a surrogate pair is no character."
        ) from None
    # `dumps` writes it as an escape again; a backslash of the text itself it writes twice.
    if "\\u0000" in text.replace("\\\\", ""):
        raise NoJson("The body has the character NUL in a text. Leave it out.")
