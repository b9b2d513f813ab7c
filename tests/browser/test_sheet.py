"""Contact sheets in a real browser: 500 slices with few keys, corrections in place, undoing, a phone."""

from ast import literal_eval

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import screenshot
from tests.support.site import USER, Site

IMAGES = 125
# Draws images, and writes suggestions of which about every twentieth character is wrong.
SETUP = f"""
import random
from webapp.accounts.models import User
from tests.factories import add_images, make_project, texts
from tests.labeling.services.sheet_rows import characters
from labeling.services.suggestions import ImageReading, write_suggestions
from training.services.suggesting import switch_starter
owner = User.objects.get(username={USER!r})
project = make_project(owner, "Meters", min_length=4, max_length=4)
switch_starter(project=project, user=None, is_on=False)
truths = texts({IMAGES}, length=4)
images = add_images(project, truths, labelled=False)
dice = random.Random(3)
rows = []
for image, truth in zip(images, truths):
    read = "".join(str((int(one) + 1) % 10) if dice.random() < 0.05 else one for one in truth)
    sure = dice.uniform(0.5, 1)
    rows.append(ImageReading(image.pk, read, sure, characters(read, sure)))
write_suggestions(project=project, model_number=1, rows=rows)
add_images(make_project(owner, "Labelled"), texts(30))
print({{image.pk: truth for image, truth in zip(images, truths)}})
"""
NOT_DRAWN = """() => [...document.querySelectorAll(".sheet-cell img")].filter(
    (picture) => !picture.complete || !picture.naturalWidth).length"""


@pytest.fixture(scope="module")
def truths(site: Site) -> dict[int, str]:
    """The text of each image."""
    return literal_eval(site.manage("shell", "--no-imports", "-c", SETUP).strip().splitlines()[-1])


def test_500_slices_are_confirmed_with_at_most_25_keys_besides_the_corrections(
    page: Page, site: Site, truths: dict[int, str]
) -> None:
    presses = corrections = 0
    page.goto("/projects/1/sheet/")
    cells = page.locator("[data-sheet-target=cell]")
    expect(cells).to_have_count(120)
    page.wait_for_function(f"({NOT_DRAWN})() === 0")
    screenshot(page, "sheet-slices")
    while count := cells.count():
        shown = cells.evaluate_all("all => all.map(({ dataset }) => ({ ...dataset }))")
        for index, cell in enumerate(shown):
            right = truths[int(cell["image"])][int(cell["position"])]
            if right != cell["shown"]:
                cells.nth(index).click()
                page.keyboard.press(right)
                corrections += 1
        if presses == 0:
            screenshot(page, "sheet-marked")
        page.keyboard.press("Enter")
        presses += 1
        expect(page.locator("[data-sheet-target=message]")).to_contain_text(f"{count} slices confirmed")
    expect(page.get_by_role("heading", name="Every image is done")).to_be_visible()
    screenshot(page, "sheet-done")
    assert corrections > 10
    assert presses <= 25
    saved = literal_eval(site.query("dict(Image.objects.filter(project=1).values_list('id', 'text'))"))
    assert saved == truths
    assert site.query("Annotation.objects.filter(source='confirmed').count()") == str(IMAGES)

    # The last sheet comes back with one key.
    page.keyboard.press("Control+z")
    expect(page.locator("[data-sheet-target=message]")).to_have_text("The last sheet is taken back.")
    assert cells.count() > 0


def test_whole_images_and_labels_on_a_phone(page: Page, truths: dict[int, str]) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme="dark")
    for project, way, name in ((1, "images", "sheet-images-phone"), (2, "labels", "sheet-labels-phone")):
        page.goto(f"/projects/{project}/sheet/?of={way}&size=60")
        expect(page.locator("[data-sheet-target=cell]").first).to_be_visible()
        page.wait_for_function(f"({NOT_DRAWN})() === 0")
        screenshot(page, name)
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0
    # A tap marks; what is typed into the field that appears counts.
    cell = page.locator("[data-sheet-target=cell]").first
    cell.click()
    page.keyboard.type("7")
    expect(page.locator("[data-sheet-target=message]")).to_have_text("1 retyped")
    screenshot(page, "sheet-marked-phone")
