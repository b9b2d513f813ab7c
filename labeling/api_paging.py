"""How the API pages its lists: `?cursor=` takes the `next` of the answer before, which is None on the last page."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.db import models
from ninja import Field, Schema

from labeling.errors import Refused

Item = TypeVar("Item")
Row = TypeVar("Row", bound=models.Model)
USUAL_LIMIT = 100
MOST = 500


class Paging(Schema):
    """Which page of a list is wanted."""

    cursor: str = Field(
        "", max_length=200, description="`next` of the page before; left out, the first page."
    )
    limit: int = Field(USUAL_LIMIT, ge=1, le=MOST, description="So many items at most.")


class Page(Schema, Generic[Item]):
    """`next` is the cursor of the next page, or null on the last one."""

    items: list[Item]
    next: str | None = Field(None, examples=["MTA0"])


def cursor_page(
    rows: models.QuerySet[Row],
    paging: Paging,
    *,
    key: str = "id",
    newest_first: bool = False,
    shown: Callable[[Row], Any] = lambda row: row,
) -> dict[str, Any]:
    """Return a page of rows by a unique whole-numbered key, as quick far down the list as at its beginning: one query.

    Raises:
        Refused: the cursor is none.
    """
    if paging.cursor:
        rows = rows.filter(**{f"{key}__{'lt' if newest_first else 'gt'}": read_cursor(paging.cursor)})
    found = list(rows.order_by(f"-{key}" if newest_first else key)[: paging.limit + 1])
    last = found[paging.limit - 1] if len(found) > paging.limit else None
    return {
        "items": [shown(row) for row in found[: paging.limit]],
        "next": None if last is None else write_cursor(_value(last, key)),
    }


def whole_page(items: Sequence[Any]) -> dict[str, Any]:
    """Return a list that is short by nature as its only page."""
    return {"items": items, "next": None}


def write_cursor(place: int) -> str:
    return base64.urlsafe_b64encode(str(place).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> int:
    """Return the place that a cursor stands for.

    Raises:
        Refused: it is none that a list has given.
    """
    try:
        place = int(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        place = None
    if place is None or not -1 <= place < 2**63:
        raise Refused(
            f"“{cursor}” is no cursor. Send the `next` of the page before, or none for the first page."
        )
    return place


def _value(row: Any, key: str) -> int:
    for part in key.split("__"):
        row = getattr(row, part)
    return int(row)
