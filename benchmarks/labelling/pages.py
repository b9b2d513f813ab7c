"""How long each page of a project of 200,000 images takes on the server, beside one of 2,000, and how many queries."""

import os
import tempfile
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks.common import milliseconds, sized
from benchmarks.labelling.cells import LabellingCell, cell

if TYPE_CHECKING:
    from benchmarks.labelling.rows import Busy

SIZES = sized((2000, 200_000), (100, 1000))
TIMES = sized(20, 3)
POLLED_ENOUGH = 286
"""What the part of a page that asks for itself is told when it need not ask again."""


def cells() -> Iterator[LabellingCell]:
    for images in SIZES:
        settings = {"images": images, "times": TIMES}
        yield cell("pages", f"{images} images", settings, partial(_of_a_project, images), unit="milliseconds")


def _of_a_project(images: int) -> dict[str, Any]:
    os.environ["DATA_DIR"] = tempfile.mkdtemp()
    os.environ["DJANGO_SETTINGS_MODULE"] = "webapp.settings"
    import django

    django.setup()
    from django.core.management import call_command

    from benchmarks.labelling.rows import busy_project
    from tests.factories import make_user

    call_command("migrate", verbosity=0)
    busy = busy_project(make_user(f"owner of {images}"), f"{images} images", images)
    _gather_statistics()
    return {"pages": _measured(busy)}


def _measured(busy: "Busy") -> dict[str, Any]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"host": "localhost"})
    client.force_login(busy.owner)
    result = {}
    for name, address in addresses(busy):

        def load(address: str = address) -> None:
            assert client.get(address).status_code in (200, POLLED_ENOUGH), address

        with CaptureQueriesContext(connection) as queries:
            load()
        result[name] = {"queries": len(queries)} | milliseconds(load, TIMES, warm_up=2)
    return result


def addresses(busy: "Busy") -> Iterator[tuple[str, str]]:
    """Every page of the project by name, with its filters, and far into what is paged."""
    start, last = f"/projects/{busy.project.pk}/", busy.last.pk
    yield "dashboard", "/"
    yield "dashboard, what it polls", "/status/now/"
    yield "dashboard, projects that it polls", "/status/projects/"
    yield "banner of the status", "/status/banner/"
    yield "account", "/account/"
    yield "new project", "/projects/new/"
    for page in (
        "", "import/", "preparation/", "label/", "label/batch/", "sheet/", "sheet/?of=images", "sheet/?of=labels",
        "sheet/?size=240&character=7", "sheet/cells/?character=3", "review/", "review/batch/", "agreement/",
        "runs/", "runs/1/", "models/", "read/", "people/", "audit/", "exports/", "settings/", "suggestions/",
        "settings/settling/", "preparation/progress/", "preparation/suggestion/", "runs/1/summary/",
        "runs/1/history/", "runs/1/history.csv", "runs/1/readings/", "runs/1/confused/?written=1&read=7",
        "runs/1/learning-curve/", "runs/1/delete/", "runs/compare/?run=1", "runs/compare/curves/?run=1",
        "runs/compare/progress/?run=1",
        "runs/compare/curves.csv?run=1",
        "searches/", "searches/1/", "searches/1/progress/", "searches/1/delete/",
        "strength/", "strength/1/", "strength/1/progress/", "strength/1/json/", "strength/1/delete/",
        "batches/", "without-labels/", "fonts/", "runs/1/rounds/",
    ):  # fmt: skip
        yield page or "overview", start + page
    for name, query in (
        ("first", ""), ("deep", f"after={last - 200}"), ("last, backwards", f"before={last}"),
        ("unlabelled", "status=unlabelled"), ("labelled, deep", f"status=labelled&after={last - 2000}"),
        ("disputed, backwards", f"status=disputed&before={last}"), ("skipped", "status=skipped"),
        ("found often", "q=12"), ("found once", f"q={busy.last.name}"), ("found never", "q=nothing+like+this"),
        ("labelled, found never", "status=labelled&q=nothing+like+this"),
    ):  # fmt: skip
        yield f"images, {name}", f"{start}images/?{query}"
    yield "image", f"{start}images/{busy.middle.pk}/"
    yield "deleting images", f"{start}images/delete/?image={busy.middle.pk}&image={last}"
    yield "picture", f"{start}images/{busy.middle.pk}/file/"
    yield "thumbnail", f"{start}images/{busy.middle.pk}/thumbnail/?within=640x160"
    yield "slice", f"{start}images/{busy.middle.pk}/slices/1/?left=2500&right=5000"
    yield "slice of the preparation", f"{start}images/{busy.middle.pk}/slices/1/?preparation=1"
    batch = f"{start}imports/{busy.image_import.pk}/"
    yield "import", batch
    yield "import, deep", f"{batch}?after={(busy.image_import.total or 0) - 200}"
    yield "import, rejected", f"{batch}?outcome=rejected"
    yield "import, what it polls", f"{batch}progress/"
    yield "export, what it polls", f"{start}exports/{busy.export.pk}/progress/"
    yield "export", f"{start}exports/{busy.export.pk}/"
    batch = f"{start}batches/{busy.batch.pk}/"
    yield "batch", batch
    yield "batch, what it polls", f"{batch}progress/"
    yield "batch, readings", f"{batch}readings/"
    label_free = f"{start}without-labels/{busy.label_free.number}/"
    yield "run without labels", f"{start}runs/{busy.label_free.number}/"
    yield "style of a run without labels", f"{label_free}style/"
    yield "transcribing", f"{label_free}transcribe/"
    yield "transcribing, next images", f"{label_free}transcribe/batch/"
    yield "model", f"{start}models/{busy.model.pk}/"
    yield "audit, deep", f"{start}audit/?after={busy.first_entry}"
    yield "person", f"{start}people/{busy.owner.pk}/"
    yield "person, annotator", f"{start}people/{busy.annotator.pk}/"
    yield "removing a person", f"{start}people/{busy.annotator.pk}/remove/"


def _gather_statistics() -> None:
    """As PostgreSQL does by itself a minute after rows came."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
