"""Review and invitations in a real browser: disputes settled by keyboard, a link that lets a newcomer in."""

from ast import literal_eval

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import screenshot
from tests.support.site import USER, Site

# Four images that two people read differently, and one label that a model doubts.
SETUP = f"""
from uuid import uuid4
from webapp.accounts.models import User
from labeling.models import Doubt, Role
from labeling.services.annotations import submit
from tests.factories import add_images, make_member, make_project
from training.services.suggesting import switch_starter
project = make_project(User.objects.get(username={USER!r}), "Tickets")
switch_starter(project=project, user=None, is_on=False)
project.overlap = 2
project.save()
ada, bob = (make_member(project, Role.ANNOTATOR, name) for name in ("ada", "bob"))
for image in add_images(project, ["123", "456", "789", "555"], labelled=False):
    submit(image=image, user=ada, text=image.name[:3], key=uuid4())
    submit(image=image, user=bob, text=image.name[:2] + "0", key=uuid4())
[labelled] = add_images(project, ["321"], seed=9)
Doubt.objects.create(image=labelled, text="327", confidence=0.98, model_number=1)
"""


@pytest.fixture(scope="module", autouse=True)
def _rows(site: Site) -> None:
    site.manage("shell", "--no-imports", "-c", SETUP)


def test_disputes_and_doubts_are_settled_with_a_key_each(page: Page, site: Site) -> None:
    page.goto("/projects/1/review/")
    left = page.locator("[data-review-target=left]")
    expect(page.locator(".review-choice").first).to_contain_text("bob")
    screenshot(page, "review")
    expect(left).to_have_text("5")
    # Each key waits until its image is there, as a person would.
    for key, rest in [("2", "4"), ("9", "4"), ("9", "4"), ("9", "3"), ("s", "2")]:
        page.keyboard.press(key)
        expect(left).to_have_text(rest)
    page.keyboard.press("Control+z")
    expect(left).to_have_text("3")
    page.keyboard.press("1")
    expect(left).to_have_text("2")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-review-target=question]")).to_contain_text("reads another text")
    page.keyboard.press("2")
    expect(left).to_have_text("1")
    expect(page.locator("[data-review-target=saved]")).to_have_text("All saved")
    texts = "list(Image.objects.order_by('id').values_list('text', flat=True))"
    assert literal_eval(site.query(texts)) == ["123", "999", "780", "", "327"]

    page.goto("/projects/1/agreement/")
    expect(page.get_by_role("heading", name="How well people agree")).to_be_visible()
    screenshot(page, "agreement")


def test_a_newcomer_opens_a_link_and_is_in(page: Page, browser: Browser, site: Site) -> None:
    page.goto("/projects/1/people/")
    page.get_by_role("button", name="Make a link").click()
    link = page.locator(".banner-good code").inner_text()
    screenshot(page, "people")
    context = browser.new_context(base_url=site.url)
    newcomer = context.new_page()
    newcomer.goto(link)
    screenshot(newcomer, "invitation")
    newcomer.fill("input[name=username]", "grace")
    newcomer.fill("input[name=password1]", "correct horse")
    newcomer.fill("input[name=password2]", "correct horse")
    newcomer.get_by_role("button", name="Make an account and join").click()
    expect(newcomer.locator(".toast")).to_contain_text("Welcome to “Tickets”.")
    context.close()
    assert site.query("Member.objects.get(user__username='grace').role") == "annotator"
