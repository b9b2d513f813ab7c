"""Keyset paging: as quick on the last page of a hundred thousand rows as on the first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class KeysetPage(Generic[Row]):
    """One page of rows, and the query strings of its neighbours (empty where there is none)."""

    rows: list[Row]
    previous: str
    next: str


def keyset_page(
    rows: QuerySet[Row],
    parameters: Mapping[str, str],
    *,
    size: int,
    key: str = "id",
    newest_first: bool = False,
) -> KeysetPage[Row]:
    """Return the page that `?after=KEY` or `?before=KEY` asks for, ordered by a unique key.

    Other parameters are kept in the neighbours' addresses. One query, whatever the page.
    """
    kept = {name: value for name, value in parameters.items() if name not in {"after", "before"} and value}
    after, before = _number(parameters.get("after")), _number(parameters.get("before"))
    backwards = before is not None
    descends = newest_first != backwards
    edge = before if backwards else after
    if edge is not None:
        rows = rows.filter(**{f"{key}__{'lt' if descends else 'gt'}": edge})
    found = list(rows.order_by(f"-{key}" if descends else key)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_previous = more if backwards else after is not None
    has_next = backwards or more
    first, last = (getattr(found[0], key), getattr(found[-1], key)) if found else (after, before)
    return KeysetPage(
        rows=found,
        previous=f"?{urlencode({**kept, 'before': first})}" if has_previous and first is not None else "",
        next=f"?{urlencode({**kept, 'after': last})}" if has_next and last is not None else "",
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 19 else None
