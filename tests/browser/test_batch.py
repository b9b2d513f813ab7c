"""A batch as a person has it read: a zip is dropped, the unsure readings are corrected by keyboard, a table is kept."""

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.factories import png
from tests.support.browser import screenshot
from tests.support.site import USER, Site

# Two digits each. The reader knows 0, 1, 4 and 7; the project has the others, too, and some images show them.
KNOWN, NEW = ("01", "47", "70", "14", "00", "71"), ("38", "52", "96")
IMAGES, FIRST_NEW, NEW_EVERY = 5000, 5, 499
SETUP = f"""
from webapp.accounts.models import User
from tests.training.small_models import add_production_reader, project_with_labels
owner = User.objects.get(username={USER!r})
add_production_reader(project_with_labels(user=owner, name="Meters", alphabet="0123456789"))
"""
# What the lines about progress have said, on one page after the other.
WATCH = """
new MutationObserver(() => {
  const line = document.querySelector(".read-progress:not([hidden]) .progress-line, #batch-progress .progress-line");
  const said = JSON.parse(sessionStorage.getItem("said") ?? "[]");
  const now = line?.textContent.trim().replace(/\\s+/g, " ");
  if (now && now !== said.at(-1)) sessionStorage.setItem("said", JSON.stringify([...said, now]));
}).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
"""


def is_new(number: int) -> bool:
    return number % NEW_EVERY == FIRST_NEW


def text_of(number: int) -> str:
    some = NEW if is_new(number) else KNOWN
    return some[number % len(some)]


@pytest.fixture(scope="module")
def archive(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip of pictures for a project that has a reader."""
    site.manage("shell", "--no-imports", "-c", SETUP)
    path = tmp_path_factory.mktemp("archive") / "meters.zip"
    with zipfile.ZipFile(path, "w") as target:
        for number in range(IMAGES):
            target.writestr(f"meter-{number}.png", png(text_of(number), 9000 + number))
    return path


def drop(page: Page, file: Path, zone: Locator) -> None:
    """Drop a file of the disk as a hand with a mouse does; the page gets the events of a real drag."""
    box = zone.bounding_box()
    assert box is not None
    wish = {
        "x": box["x"] + box["width"] / 2,
        "y": box["y"] + box["height"] / 2,
        "data": {"items": [], "files": [str(file)], "dragOperationsMask": 1},
    }
    mouse = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        mouse.send("Input.dispatchDragEvent", {"type": kind, **wish})


def tab_into(page: Page, field: Locator) -> None:
    """Get to a field with the Tab key alone."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if field.evaluate("field => field === document.activeElement"):
            return
    raise AssertionError("60 times Tab do not lead to the field.")


def test_a_dropped_zip_is_read_its_unsure_readings_corrected_and_its_table_kept(
    page: Page, site: Site, archive: Path
) -> None:
    page.add_init_script(WATCH)
    page.goto("/projects/1/read/")
    drop(page, archive, page.locator("[data-read-target=drop]"))
    page.wait_for_url("**/projects/1/batches/*/", timeout=60_000)
    expect(page.locator("#batch-progress")).to_contain_text("images/s", timeout=60_000)
    screenshot(page, "batch-reading")
    whole = f"{IMAGES:,} of {IMAGES:,} images answered"
    expect(page.locator("#batch-progress")).to_contain_text(whole, timeout=120_000)
    expect(page.locator(".reading").first).to_be_visible()
    screenshot(page, "batch-read")
    said = page.evaluate("JSON.parse(sessionStorage.getItem('said'))")
    assert any("of 1 file sent" in line for line in said), said
    answered = [re.match(rf"([\d,]+) of {IMAGES:,} images answered", line) for line in said]
    steps = [int(found[1].replace(",", "")) for found in answered if found]
    assert steps == sorted(steps)
    assert any(0 < step < IMAGES for step in steps), said

    # The unsure ones alone.
    page.get_by_role("link", name=re.compile("^Unsure")).click()
    page.wait_for_url("**show=unsure")
    cards = page.locator(".reading")
    badges = cards.locator(".badge").all_inner_texts()
    assert badges
    assert all(badge.startswith("Unsure") for badge in badges)
    names = cards.locator(".reading-name").all_inner_texts()
    shown = [int(name.removeprefix("meter-").removesuffix(".png")) for name in names]
    # Whatever else it is unsure of, digits that it has never seen are among it.
    assert len([number for number in shown if is_new(number)]) >= 5
    screenshot(page, "batch-unsure")

    # One is corrected without a mouse; saving leads on to the next.
    number = next(number for number in shown if is_new(number))
    card = cards.nth(shown.index(number))
    tab_into(page, card.get_by_role("textbox"))
    page.keyboard.type(text_of(number))
    page.keyboard.press("Enter")
    expect(card).to_contain_text(f"Corrected to {text_of(number)}")
    expect(cards.nth(shown.index(number) + 1).get_by_role("textbox")).to_be_focused()
    expect(page.get_by_role("link", name=re.compile("^Checked"))).to_contain_text("1")
    screenshot(page, "batch-corrected")
    kept = "list(Annotation.objects.filter(source='correction').values_list('text', flat=True))"
    assert site.query(kept) == str([text_of(number)])

    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
    assert [row["name"] for row in rows] == [f"meter-{each}.png" for each in range(IMAGES)]
    assert {row["name"]: row["checked_text"] for row in rows if row["checked_text"]} == {
        f"meter-{number}.png": text_of(number)
    }
    known = [row for each, row in enumerate(rows) if not is_new(each)]
    right = sum(row["text"] == text_of(each) for each, row in enumerate(rows) if not is_new(each))
    assert right >= 0.95 * len(known)


def test_single_images_are_read_on_a_phone_and_kept_as_a_file(page: Page, archive: Path) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/projects/1/read/")
    files = [
        {"name": f"{number}.png", "mimeType": "image/png", "buffer": png("14", number)} for number in range(3)
    ]
    page.locator("#read-files").set_input_files(files)  # type: ignore[arg-type]
    expect(page.locator(".reading")).to_have_count(3)
    screenshot(page, "read-single-phone")
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    rows = csv.DictReader(io.StringIO(download.value.path().read_text()))
    assert sorted((row["name"], row["text"]) for row in rows) == [
        (f"{number}.png", "14") for number in range(3)
    ]


def test_the_page_of_a_batch_fits_a_phone(page: Page, site: Site, archive: Path) -> None:
    batch = site.query("ReadingBatch.objects.latest('id').pk")
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme="dark")
    page.goto(f"/projects/1/batches/{batch}/?show=unsure")
    expect(page.locator(".reading").first).to_be_visible()
    screenshot(page, "batch-phone")
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
