"""A batch's readings as a file: a table, or a line of JSON for each image."""

import csv
import io
import json
from collections.abc import AsyncIterator, Iterable
from typing import Any

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse

from labeling.errors import Refused
from training.models import Prediction, ReadingBatch
from training.services.batches import readings_after

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


def download(batch: ReadingBatch, format: str) -> StreamingHttpResponse:
    """Send a batch's readings as a file.

    Raises:
        Refused: readings do not come in this format.
    """
    if format not in FORMATS:
        raise Refused(f"Readings do not come as “{format}”. Choose one of {', '.join(FORMATS)}.")
    response = StreamingHttpResponse(_stream(batch, format), content_type=FORMATS[format])
    response["Content-Disposition"] = f'attachment; filename="batch-{batch.pk}.{format}"'
    return response


async def _stream(batch: ReadingBatch, format: str) -> AsyncIterator[bytes]:
    """Yield the file some readings at a time: a batch may have more than memory holds."""
    if format == "csv":
        yield _table([COLUMNS])
    after = -1
    while rows := await sync_to_async(readings_after)(batch, after):
        yield _lines(rows) if format == "jsonl" else _table(_cells(row) for row in rows)
        after = rows[-1].position or 0


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
