"""What pages send to browsers: every page of the table in `test_permissions`, looked at by an owner."""

from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.test_permissions import PAGES, PUBLIC, SIGNED_IN, World, make_world, page_routes

pytestmark = pytest.mark.django_db

QUERY = "?left=0&right=5000"
# Waits for news for as long as somebody looks.
ENDLESS = {"training:run_events"}


@pytest.fixture
def world() -> World:
    return make_world()


class Finder(HTMLParser):
    """Finds what a strict Content-Security-Policy refuses, and what is loaded from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        # JSON in a script element is data, which nothing executes.
        if tag == "script" and not given.get("src") and given.get("type") != "application/json":
            self.found.append("an inline script")
        if tag == "style":
            self.found.append("a style element")
        for name, value in attrs:
            text = (value or "").strip().lower()
            if name == "style" or name.startswith(("on", "hx-on")):
                self.found.append(f"{tag} {name}")
            if name in ("href", "src", "action", "formaction", "hx-get", "hx-post") and (
                text.startswith(("javascript:", "http:", "https:", "//", "data:text"))
            ):
                self.found.append(f"{tag} {name}={value}")


def refused_in(page: str) -> list[str]:
    finder = Finder()
    finder.feed(page)
    return finder.found


def get_pages(client: Client, world: World) -> dict[str, Any]:
    """The answers of all pages that are asked by GET, by their routes' names."""
    client.force_login(world.people["owner"])
    asked = [name for name, methods in PAGES.items() if "GET" in methods and name not in ENDLESS]
    values = world.values | {"token_id": 1, "secret": "nothing"}
    routes = page_routes()
    answers = {}
    for name in [*asked, *sorted(SIGNED_IN | PUBLIC)]:
        address = reverse(name, kwargs={part: values[part] for part in routes[name]}) + QUERY
        answers[name] = client.get(address)
    client.logout()
    answers["signed out"] = client.get(reverse("accounts:sign_in"))
    answers["missing"] = client.get("/nowhere/")
    return answers


def test_no_page_has_anything_inline_or_from_elsewhere(client: Client, world: World) -> None:
    answers = get_pages(client, world)
    pages = {name: one for name, one in answers.items() if one["Content-Type"].startswith("text/html")}
    assert {name: found for name, one in pages.items() if (found := refused_in(one.content.decode()))} == {}
    # Most of the site: an owner may see everything.
    assert len([one for one in pages.values() if one.status_code == 200]) > 30


def test_every_answer_limits_what_browsers_do_with_it(client: Client, world: World) -> None:
    for name, one in get_pages(client, world).items():
        policy = dict(part.strip().split(" ", 1) for part in one["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'", name
        assert policy["object-src"] == policy["frame-ancestors"] == "'none'", name
        assert one["X-Content-Type-Options"] == "nosniff", name
        assert one["X-Frame-Options"] == "DENY", name
        assert one["Referrer-Policy"] == "same-origin", name
        assert one["Cross-Origin-Opener-Policy"] == "same-origin", name
        assert one["Cross-Origin-Resource-Policy"] == "same-origin", name
        assert "camera=()" in one["Permissions-Policy"], name


def test_static_files_are_limited_as_pages_are_and_for_no_other_site(client: Client) -> None:
    answer = client.get("/static/theme.js")
    assert answer.status_code == 200
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in answer


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ('<p style="color: red">', ["p style"]),
        ("<a onclick='x()'>", ["a onclick"]),
        ("<script>x()</script>", ["an inline script"]),
        ("<style>p {}</style>", ["a style element"]),
        ("<a href=' javascript:x()'>", ["a href= javascript:x()"]),
        ("<img src=//elsewhere.example/a.png>", ["img src=//elsewhere.example/a.png"]),
        ('<script type="application/json">{}</script><script src="/a.js"></script>', []),
    ],
)
def test_what_a_strict_policy_refuses_is_found(page: str, found: list[str]) -> None:
    assert refused_in(page) == found


@pytest.mark.parametrize(
    "address",
    [
        "/media/",
        "/data/",
        "/projects/1/images/../../../secret_key",
        "/static/../settings.py",
        "/static/%2e%2e/settings.py",
    ],
)
def test_no_address_leads_into_the_data_folder(client: Client, world: World, address: str) -> None:
    client.force_login(world.people["owner"])
    assert client.get(address).status_code in (301, 404)
    assert client.get(address, follow=True).status_code == 404
