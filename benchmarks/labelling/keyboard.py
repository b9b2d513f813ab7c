"""How long the Label page makes somebody wait who types 200 images in a real browser."""

from collections.abc import Iterator
from typing import Any

from benchmarks.common import running_site, sized
from benchmarks.labelling.cells import LabellingCell, cell
from benchmarks.labelling.inside import inside
from benchmarks.speed.timing import summary
from tests.support.browser import open_browser, sign_in
from tests.support.typist import type_images, watch

IMAGES = sized(200, 10)
LOOKING, PER_KEY = sized((0.3, 0.08), (0.05, 0.01))
"""Seconds until the first key of an image, and between two: quicker than people are, so that waiting would show."""


def cells() -> Iterator[LabellingCell]:
    settings = {"images": IMAGES, "looking": LOOKING, "per_key": PER_KEY}
    yield cell("keyboard", "overhead", settings, _typed, unit="milliseconds per image")


def _typed() -> dict[str, Any]:
    with running_site() as site, open_browser() as browser:
        wish = inside(site, f"project_to_type({IMAGES + 1})")
        page = browser.new_page(viewport={"width": 1280, "height": 860}, base_url=site.url)
        sign_in(page)
        watch(page)
        page.goto(f"/projects/{wish['project']}/label/")
        typed = type_images(page, wish["truths"], IMAGES, looking=LOOKING, per_key=PER_KEY)
        page.get_by_text("All saved").wait_for()
        kept = inside(site, f"what_is_kept({wish['project']})")
        version = browser.version
    return {
        "browser": version,
        "overhead_ms": summary(typed.overheads),
        "most_ms": round(max(typed.overheads), 1),
        "over_60_ms": sum(overhead > 60 for overhead in typed.overheads),
        "texts_missing": IMAGES - len(kept["rows"]),
    }
