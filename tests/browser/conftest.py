"""Fixtures for tests in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import browser_path, missing_browser_is_a_failure, open_browser, sign_in
from tests.support.site import Site

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker("browser")
            if browser_path() is None and not missing_browser_is_a_failure():
                item.add_marker(pytest.mark.skip(reason="No Chromium or Chrome is installed."))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A fresh site for each module: its first page is what a newcomer sees."""
    running = Site(tmp_path_factory.mktemp("fresh-site"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A page that is signed in, and that fails the test where the site's own scripts threw an error."""
    context = browser.new_context(viewport={"width": 1280, "height": 860}, base_url=site.url)
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on(
        "console",
        lambda message: errors.append(message.text) if "Content Security Policy" in message.text else None,
    )
    opened.set_default_timeout(20_000)
    sign_in(opened)
    yield opened
    context.close()
    assert not errors, errors
