"""Reading without labels in a real browser: from an import of unlabelled images to an estimate of the accuracy."""

import re
from ast import literal_eval
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.test_main_job import import_files
from tests.support.browser import screenshot
from tests.support.site import Site
from training.recognition.synthesis.fonts import find_fonts, writing
from training.recognition.synthesis.source import draw_pictures
from training.recognition.synthesis.style import Style
from training.services.unlabelled import LEAST_PICTURES

ALPHABET = "0147"
LENGTH = 2
IMAGES = 90
STYLE = replace(
    Style(), height=24, width=48, text_height=(0.6, 0.7), rotation=(0.0, 5.0), inks=((20, 20, 60),), lined=0.0,
    dotted=0.0, bent=0.0, hollow=0.0, noisy=0.0, compressed=0.0, coarse=0.0, white_ground=1.0, dark=0.0,
)  # fmt: skip
# TensorFlow alone takes minutes to start where others compute as well.
PATIENCE = 400_000


@pytest.fixture(scope="module")
def truths(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, str]:
    """Image files that nobody has labelled, with what they show."""
    folder = tmp_path_factory.mktemp("unlabelled")
    fonts = writing(find_fonts(), ALPHABET)[:2]
    texts = [ALPHABET[number % 4] + ALPHABET[number // 4 % 4] for number in range(IMAGES)]
    found = {}
    for number, (pixels, text) in enumerate(draw_pictures(texts, STYLE, fonts, seed=3, processes=1)):
        path = folder / f"picture-{number}.png"
        Image.fromarray(pixels).save(path)
        found[path] = text
    return found


def stage(page: Page):
    return page.locator(".label-stage img")


def test_from_unlabelled_images_to_an_estimate(page: Page, site: Site, truths: dict[Path, str]) -> None:
    page.goto("/projects/new/")
    page.get_by_label("Name").fill("Stamps")
    page.get_by_label("Alphabet", exact=True).fill(ALPHABET)
    page.get_by_label("Longest").fill(str(LENGTH))
    page.get_by_role("button", name="Create project").click()
    page.goto("/projects/1/without-labels/")
    expect(page.get_by_role("heading", name="No images yet")).to_be_visible()
    screenshot(page, "without-labels-empty")
    few = list(truths)[:10]
    import_files(page, "No texts yet", few)
    expect(page.get_by_text("Done").first).to_be_visible(timeout=60_000)
    page.goto("/projects/1/without-labels/")
    expect(page.get_by_text(f"At least {LEAST_PICTURES} are needed to learn from")).to_be_visible()
    expect(page.get_by_role("button", name="Learn to read them")).to_be_disabled()
    import_files(page, "No texts yet", [path for path in truths if path not in few])
    expect(page.get_by_text("Done").first).to_be_visible(timeout=60_000)

    # The page says how long it takes, and begins.
    page.get_by_role("link", name="Train", exact=True).click()
    page.get_by_role("link", name="Without labels", exact=True).click()
    page.get_by_label("Minutes at most").fill("0.2")
    page.get_by_label("Images to draw").fill("400")
    page.get_by_label("Images to draw").press("Tab")
    page.get_by_label("Let the reader go on").uncheck()
    expect(page.locator("#label-free-estimate")).to_contain_text("on one worker")
    screenshot(page, "without-labels-form")
    page.get_by_role("button", name="Learn to read them").click()
    page.wait_for_url("**/runs/1/")

    # It is watched live: stages, and real images beside drawn ones.
    expect(page.get_by_role("heading", name="Real beside drawn")).to_be_visible(timeout=PATIENCE)
    screenshot(page, "without-labels-live")
    expect(page.get_by_role("link", name="Transcribe ", exact=False)).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".without-stage-done")).to_have_count(3)
    screenshot(page, "without-labels-done")

    # Every value of its style can be adjusted, with a preview that is drawn anew.
    page.get_by_role("link", name="Adjust the style").click()
    drawn = page.locator("#style-preview img")
    expect(drawn).to_have_count(8)
    before = drawn.first.get_attribute("src")
    page.locator("[name=rotation_high]").fill("80")
    page.locator("[name=rotation_high]").press("Tab")
    expect(drawn.first).not_to_have_attribute("src", str(before))
    page.locator("[name=rotation_low]").fill("90")
    page.locator("[name=rotation_low]").press("Tab")
    expect(page.locator("#style-preview")).to_contain_text("a lowest and a highest value")
    screenshot(page, "without-labels-style")
    page.set_viewport_size({"width": 360, "height": 740})
    screenshot(page, "without-labels-style-phone")
    assert overflow(page) <= 0
    page.set_viewport_size({"width": 1280, "height": 860})

    # A person transcribes blind, by keyboard alone; a reload loses nothing.
    names = {path.name: text for path, text in truths.items()}
    rows = literal_eval(site.query("list(AskedImage.objects.values_list('image', 'image__name'))"))
    texts = {image: names[name] for image, name in rows}
    page.goto("/projects/1/runs/1/")
    page.get_by_role("link", name="Transcribe ", exact=False).click()
    screenshot(page, "without-labels-transcribe")
    for number in range(len(texts)):
        expect(stage(page)).to_be_visible()
        shown = int(re.search(r"/images/(\d+)/", str(stage(page).get_attribute("src")))[1])  # type: ignore[index]
        expect(page.locator(".cell-ghost")).to_have_count(0)
        if number == 0:
            page.keyboard.press("Escape")
            page.keyboard.press("3")
        else:
            page.keyboard.type(texts[shown])
        expect(page.locator("[data-label-target=done]")).to_have_text(str(number + 1))
        if number == 2:
            expect(page.get_by_text("All saved")).to_be_visible()
            page.reload()
    expect(page.get_by_role("heading", name="Every image is done")).to_be_visible()
    expect(page.get_by_text("All saved")).to_be_visible()
    page.get_by_role("link", name="See how right it is").click()

    # The estimate, with its interval.
    told = page.locator("#estimate")
    expect(told).to_contain_text(f"n = {len(texts) - 1}")
    expect(told).to_contain_text("1 skipped")
    screenshot(page, "without-labels-estimate")
    labelled = site.query("Annotation.objects.filter(source='typed').exclude(text='').count()")
    assert int(labelled) == len(texts) - 1
    page.set_viewport_size({"width": 360, "height": 740})
    screenshot(page, "without-labels-phone")
    assert overflow(page) <= 0


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
