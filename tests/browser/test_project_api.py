"""The page API and the API's documentation in a real browser, under the site's Content-Security-Policy."""

import re
import subprocess
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.factories import png
from tests.support.browser import screenshot
from tests.support.site import Site


def new_project(site: Site, name: str) -> int:
    answer = site.api().post("projects", json={"name": name, "alphabet": "0123456789", "length": "3"})
    return int(answer["id"])


def test_the_documentation_is_drawn_with_what_the_site_itself_has(page: Page, site: Site) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/api/v1/docs")
    expect(page.get_by_text("Start a run", exact=True)).to_be_visible()
    page.get_by_text("Who you are, and what your token is for").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table").get_by_text('"administrator"')).to_be_visible()
    screenshot(page, "api-docs")
    assert [url for url in asked if not url.startswith((site.url, "data:", "blob:"))] == []


def test_with_one_button_the_commands_work_as_they_stand(page: Page, site: Site, tmp_path: Path) -> None:
    project = new_project(site, "commands")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/projects/{project}/api/")
    screenshot(page, "project-api")
    page.get_by_role("button", name="Make a token").press("Enter")
    expect(page.get_by_text("it is not shown again")).to_be_visible()
    page.get_by_role("button", name="Copy: import images").press("Enter")
    expect(page.get_by_text("Copied.")).to_be_visible()
    command = page.evaluate("navigator.clipboard.readText()")
    (tmp_path / "123.png").write_bytes(png("123"))
    command = command.replace("images.zip", "123.png")
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert '"state": "queued"' in done.stdout, done.stdout + done.stderr
    screenshot(page, "project-api-token")
    page.goto(f"/projects/{project}/api/")
    assert not re.search(r"cwb_[\w-]{30}", page.content())


def test_on_a_phone_nothing_is_wider_than_the_screen(page: Page, site: Site) -> None:
    project = new_project(site, "phone")
    page.set_viewport_size({"width": 360, "height": 740})
    for address in (f"/projects/{project}/api/", "/account/"):
        page.goto(address)
        if "account" not in address:
            page.get_by_text("What it may do, and until when").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        screenshot(page, f"phone{address.replace('/', '-')}".rstrip("-"))
    page.emulate_media(color_scheme="dark")
    page.goto(f"/projects/{project}/api/")
    screenshot(page, "phone-project-api-dark")
