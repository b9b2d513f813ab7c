"""200 images typed in a row in a real browser, as quickly as keys can be pressed."""

import statistics
from ast import literal_eval
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.site import USER, Site
from tests.support.typist import type_images, watch

IMAGES = 200
SETUP = f"""
from webapp.accounts.models import User
from tests.factories import add_images, make_project, texts
from training.services.suggesting import switch_starter
project = make_project(User.objects.get(username={USER!r}), "Meters", min_length=4, max_length=4)
switch_starter(project=project, user=None, is_on=False)
truths = texts({IMAGES} + 1, length=4)
images = add_images(project, truths, labelled=False)
print({{image.url: truth for image, truth in zip(images, truths)}})
"""


def test_200_images_are_typed_once_each_without_a_hand_on_the_mouse(
    page: Page, site: Site, record_property: Callable[[str, object], None]
) -> None:
    truths = literal_eval(site.manage("shell", "--no-imports", "-c", SETUP).strip().splitlines()[-1])
    watch(page)
    page.goto("/projects/1/label/")
    typed = type_images(page, truths, IMAGES)
    assert len(typed.texts) == IMAGES
    expect(page.locator(".label-saved")).to_have_text("All saved")
    rows = "[(one.image.url, one.text, one.source) for one in Annotation.objects.all()]"
    saved = literal_eval(site.query(rows))
    assert sorted(saved) == sorted((path, text, "typed") for path, text in typed.texts.items())
    # The benchmark of it has the machine to itself: benchmarks/labelling/keyboard.py.
    record_property("milliseconds_of_overhead_per_image", round(statistics.median(typed.overheads), 1))
