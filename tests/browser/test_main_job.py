"""The whole main job, as a newcomer does it: from image files on a disk to a corrected reading."""

import random
import re
from ast import literal_eval
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from playwright.sync_api import Page, expect

from tests.support.browser import screenshot
from tests.support.site import Site

ALPHABET = "012345"
LENGTH = 3
LABELLED, TO_LABEL, NEW = 260, 5, 3


def draw(text: str, path: Path, seed: int) -> None:
    """Draw a text with Pillow's own font, some dots and a blur: nothing of the project takes part."""
    dice = random.Random(seed)
    picture = Image.new("RGB", (96, 40), (245, 242, 235))
    brush = ImageDraw.Draw(picture)
    for index, character in enumerate(text):
        place = (8 + 28 * index + dice.randint(-2, 2), 4 + dice.randint(-2, 2))
        brush.text(place, character, fill=(40, 40, 70), font=ImageFont.load_default(28))
    for _ in range(30):
        brush.point((dice.randrange(96), dice.randrange(40)), fill=(120, 120, 120))
    picture.filter(ImageFilter.GaussianBlur(0.6)).save(path)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[Path, str]]:
    """Image files by what they are for, each with its true text."""
    dice = random.Random(5)
    sets: dict[str, dict[Path, str]] = {}
    for kind, count in (("labelled", LABELLED), ("to-label", TO_LABEL), ("new", NEW)):
        folder = tmp_path_factory.mktemp(kind)
        sets[kind] = {}
        for number in range(count):
            text = "".join(dice.choices(ALPHABET, k=LENGTH))
            name = f"{text}_{number}.png" if kind == "labelled" else f"picture-{number}.png"
            draw(text, folder / name, seed=1000 * len(sets) + number)
            sets[kind][folder / name] = text
    return sets


def import_files(page: Page, source: str, files: list[Path]) -> None:
    page.get_by_role("link", name="Import", exact=True).click()
    page.get_by_role("radio", name=source).check(force=True)
    page.locator("input[type=file][data-upload-target=files]").set_input_files(files)
    page.locator("[data-upload-target=submit]").click()
    page.wait_for_url("**/imports/*/")


def test_from_image_files_to_a_corrected_reading(
    page: Page, site: Site, images: dict[str, dict[Path, str]]
) -> None:
    # A project.
    expect(page.get_by_role("heading", name="No projects yet")).to_be_visible()
    screenshot(page, "01-dashboard-empty")
    page.goto("/projects/new/")
    page.get_by_label("Name").fill("Meters")
    page.get_by_label("Alphabet", exact=True).fill(ALPHABET)
    page.get_by_label("Longest").fill(str(LENGTH))
    screenshot(page, "02-new-project")
    page.get_by_role("button", name="Create project").click()
    expect(page.get_by_text("“Meters” is ready for its first images.")).to_be_visible()
    screenshot(page, "03-import")

    # Images with labels, among them a file that is none, then images without.
    broken = next(iter(images["labelled"])).parent / "note.png"
    broken.write_bytes(b"this is no picture")
    import_files(page, "File names", [*images["labelled"], broken])
    page.get_by_role("link", name="Rejected 1").click(timeout=60_000)
    expect(page.locator("tr", has_text="note.png")).to_contain_text("not an image", ignore_case=True)
    screenshot(page, "04-import-done")
    import_files(page, "No texts yet", list(images["to-label"]))
    expect(page.get_by_text("Done").first).to_be_visible(timeout=60_000)

    # A look at the preparation.
    page.get_by_role("link", name="Prepare", exact=True).click()
    expect(page.locator("svg rect").first).to_be_visible()
    screenshot(page, "05-prepare")

    # Labels, by keyboard alone, in whatever order they come: what the starter model is least sure of is first.
    page.get_by_role("link", name="Label", exact=True).click()
    expect(page.locator(".label-stage img").first).to_be_visible()
    screenshot(page, "06-label")
    texts = {path.name: text for path, text in images["to-label"].items()}
    names = literal_eval(
        site.query("{each.url: each.name for each in Image.objects.filter(name__startswith='picture')}")
    )
    while names:
        shown = page.locator(".label-stage img")
        expect(shown).to_have_attribute("src", re.compile("|".join(map(re.escape, names))))
        page.keyboard.type(texts[names.pop(shown.get_attribute("src"))], delay=20)
    expect(page.get_by_role("heading", name="Every image is done")).to_be_visible()
    expect(page.get_by_text("All saved")).to_be_visible()
    screenshot(page, "07-label-done")
    saved = site.query("sorted(Image.objects.filter(name__startswith='picture').values_list('name', 'text'))")
    assert saved == str(sorted(texts.items()))

    # A run, watched live.
    page.get_by_role("link", name="Train", exact=True).click()
    page.get_by_label("Minutes").fill("1")
    screenshot(page, "08-train")
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url("**/runs/1/")
    rows = page.locator("[data-run-target=rows] tr")
    rows.nth(2).wait_for(state="attached", timeout=90_000)
    assert page.locator(".uplot canvas").count() >= 2
    screenshot(page, "09-run-live")
    expect(page.get_by_role("link", name="Read images with it")).to_be_visible(timeout=180_000)
    screenshot(page, "10-run-done")

    # New images, read and corrected.
    page.get_by_role("link", name="Read images with it").click()
    page.wait_for_load_state("networkidle")
    page.locator("#read-files").set_input_files(list(images["new"]))
    cards = page.locator(".reading")
    screenshot(page, "11-reading")
    expect(cards).to_have_count(NEW, timeout=30_000)
    expect(cards.first.locator("svg rect").first).to_be_attached()
    screenshot(page, "11-read")
    first = cards.first.get_by_role("textbox")
    first.fill("555")
    first.press("Enter")
    expect(page.get_by_text("Corrected to 555")).to_be_visible()
    screenshot(page, "12-corrected")
    corrections = "list(Annotation.objects.filter(source='correction').values_list('text', flat=True))"
    assert site.query(corrections) == "['555']"
    texts = {path.name: text for path, text in images["new"].items()}
    read = dict(literal_eval(site.query("list(Prediction.objects.values_list('name', 'text'))")))
    assert sum(read[name] == text for name, text in texts.items()) >= NEW - 1

    # And the dashboard shows what was reached, on a phone too.
    page.goto("/")
    expect(page.get_by_role("link", name="Meters").first).to_be_visible()
    screenshot(page, "13-dashboard")
    page.set_viewport_size({"width": 360, "height": 740})
    screenshot(page, "14-dashboard-phone")
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
