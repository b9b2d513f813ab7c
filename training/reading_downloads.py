"""Readings as a file, of a batch or of single images: a table, or a line of JSON for each image."""

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

from asgiref.sync import sync_to_async
from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from labeling.errors import Refused
from training.models import Prediction, ReadingBatch
from training.services.batches import ROWS_AT_ONCE, readings_after

FORMATS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
COLUMNS = ("position", "name", "text", "confidence", "verdict", "strangeness", "checked_text", "error")
# What spreadsheets would take for a formula; a name comes from strangers.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def reading_json(reading: Prediction) -> dict[str, Any]:
    """A reading as programs get it. `checked_text` is what a person said; None while nobody did."""
    return {
        "id": reading.pk,
        "position": reading.position,
        "name": reading.name,
        "text": reading.text,
        "confidence": reading.confidence,
        "verdict": reading.verdict,
        "strangeness": reading.strangeness,
        "checked_text": reading.image.text if reading.image else None,
        "characters": reading.characters,
        "milliseconds": reading.milliseconds,
        "note": reading.note,
        "error": reading.error,
    }


def batch_file(batch: ReadingBatch, format: str) -> StreamingHttpResponse:
    """Send a batch's readings as a file, in the order of its images.

    Raises:
        Refused: readings do not come in this format.
    """

    def behind(last: Prediction | None) -> list[Prediction]:
        return readings_after(batch, -1 if last is None else last.position or 0)

    return _file(f"batch-{batch.pk}", format, behind)


def file_of(readings: QuerySet[Prediction], name: str, format: str) -> StreamingHttpResponse:
    """Send readings of single images as a file, the newest first.

    Raises:
        Refused: readings do not come in this format.
    """

    def behind(last: Prediction | None) -> list[Prediction]:
        rows = readings if last is None else readings.filter(pk__lt=last.pk)
        return list(rows.select_related("image").order_by("-pk")[:ROWS_AT_ONCE])

    return _file(name, format, behind)


def _file(
    name: str, format: str, behind: Callable[[Prediction | None], list[Prediction]]
) -> StreamingHttpResponse:
    """`behind` returns some readings that follow one; the first ones behind None."""
    if format not in FORMATS:
        raise Refused(f"Readings do not come as “{format}”. Choose one of {', '.join(FORMATS)}.")
    response = StreamingHttpResponse(_stream(behind, format), content_type=FORMATS[format])
    response["Content-Disposition"] = f'attachment; filename="{name}.{format}"'
    return response


async def _stream(
    behind: Callable[[Prediction | None], list[Prediction]], format: str
) -> AsyncIterator[bytes]:
    """Yield the file some readings at a time: there may be more than memory holds."""
    if format == "csv":
        yield _table([COLUMNS])
    last: Prediction | None = None
    while rows := await sync_to_async(behind)(last):
        yield _lines(rows) if format == "jsonl" else _table(_cells(row) for row in rows)
        last = rows[-1]


def _lines(rows: Iterable[Prediction]) -> bytes:
    return "".join(json.dumps(reading_json(row), ensure_ascii=False) + "\n" for row in rows).encode()


def _cells(row: Prediction) -> list[Any]:
    told = reading_json(row)
    return [_harmless(told[column]) for column in COLUMNS]


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _table(rows: Iterable[Iterable[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
