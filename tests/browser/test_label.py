"""Whole-text labelling in a real browser: suggestions, undoing, two tabs, a lost connection, a reload, a phone."""

from ast import literal_eval

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import screenshot
from tests.support.site import USER, Site

IMAGES = 45
SUGGESTED = 10
# Draws images, the first of which have suggestions, right but for every fifth.
SETUP = f"""
from webapp.accounts.models import User
from tests.factories import add_images, make_project, texts
from labeling.services.suggestions import ImageReading, write_suggestions
from training.services.suggesting import switch_starter
owner = User.objects.get(username={USER!r})
project = make_project(owner, "Meters", min_length=4, max_length=4, queue_order="oldest")
switch_starter(project=project, user=None, is_on=False)
truths = texts({IMAGES}, length=4)
images = add_images(project, truths, labelled=False)
rows = []
for number, (image, truth) in enumerate(list(zip(images, truths))[:{SUGGESTED}]):
    read = truth[:3] + str((int(truth[3]) + 1) % 10) if number % 5 == 4 else truth
    rows.append(ImageReading(image.pk, read, 0.9, []))
write_suggestions(project=project, model_number=1, rows=rows)
print({{image.url: truth for image, truth in zip(images, truths)}})
"""


@pytest.fixture(scope="module")
def truths(site: Site) -> dict[str, str]:
    """The text of each image by its address."""
    return literal_eval(site.manage("shell", "--no-imports", "-c", SETUP).strip().splitlines()[-1])


def open_label(page: Page) -> None:
    page.goto("/projects/1/label/")
    expect(stage(page)).to_be_visible()


def stage(page: Page):
    return page.locator(".label-stage img")


def truth_of(page: Page, truths: dict[str, str]) -> str:
    return truths[stage(page).evaluate("one => new URL(one.src).pathname")]


def ghost(page: Page) -> str:
    return "".join(page.locator(".cell-ghost").all_text_contents())


def saved(site: Site) -> dict[str, str]:
    """What was saved by image, as `text source`; of one image that was said twice the newest."""
    rows = (
        "[(one.image.url, f'{one.text} {one.source}') for one in Annotation.objects.filter(withdrawn_at=None)"
    )
    return dict(literal_eval(site.query(f"{rows}.order_by('id')]")))


def test_suggestions_are_accepted_with_tab_and_typed_over(
    page: Page, site: Site, truths: dict[str, str]
) -> None:
    open_label(page)
    expect(page.locator(".cell-ghost")).to_have_count(4)
    screenshot(page, "label-suggestion")
    said = {}
    for number in range(SUGGESTED):
        address, truth = stage(page).evaluate("one => new URL(one.src).pathname"), truth_of(page, truths)
        if ghost(page) == truth:
            page.keyboard.press("Tab" if number % 2 else "Enter")
        else:
            page.keyboard.type(truth)
        said[address] = f"{truth} {'typed' if number % 5 == 4 else 'confirmed'}"
        expect(page.locator(".recent-item")).to_have_count(number + 1)
    expect(page.locator(".label-saved")).to_have_text("All saved")
    assert saved(site) == said


def test_two_tabs_show_different_images_and_a_reload_the_same(page: Page, truths: dict[str, str]) -> None:
    open_label(page)
    first = truth_of(page, truths)
    other = page.context.new_page()
    open_label(other)
    assert stage(other).get_attribute("src") != stage(page).get_attribute("src")
    other.close()
    page.reload()
    expect(stage(page)).to_be_visible()
    assert truth_of(page, truths) == first


def test_what_is_typed_without_a_connection_survives_a_reload_and_counts_once(
    page: Page, site: Site, truths: dict[str, str]
) -> None:
    open_label(page)
    before = len(saved(site))
    page.route("**/label/annotate/", lambda route: route.abort())
    typed = {}
    for number in range(3):
        typed[stage(page).evaluate("one => new URL(one.src).pathname")] = truth_of(page, truths)
        page.keyboard.type(truth_of(page, truths))
        expect(page.locator(".label-saved")).to_contain_text(f"{number + 1} text")
    expect(page.locator(".label-saved")).to_contain_text("3 texts kept in this browser")
    assert len(saved(site)) == before
    page.unroute("**/label/annotate/")
    page.reload()
    expect(page.locator(".label-saved")).to_have_text("All saved")
    after = saved(site)
    assert len(after) == before + 3
    assert {address: after[address].split()[0] for address in typed} == typed
    assert stage(page).evaluate("one => new URL(one.src).pathname") not in typed


def test_an_image_that_was_deleted_meanwhile_is_dropped_with_a_sentence(page: Page, site: Site) -> None:
    open_label(page)
    address = stage(page).evaluate("one => new URL(one.src).pathname")
    image = address.split("/")[-3]
    site.query(f"Image.objects.filter(pk={image}).delete()")
    page.keyboard.type("1234")
    expect(page.get_by_text("This image was deleted meanwhile")).to_be_visible()
    expect(stage(page)).not_to_have_attribute("src", address)


def test_typing_works_on_a_phone(page: Page, truths: dict[str, str]) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    open_label(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    screenshot(page, "label-phone")
