"""From which address somebody asks: the connection tells, and a header only where its sender is trusted."""

import re
from typing import Any

import requests

from tests.support.site import Site
from webapp.supervisor.programs import web_server


def test_nobodys_word_is_taken_unless_a_proxy_is_named(settings: Any) -> None:
    settings.TRUSTED_PROXIES = []
    assert "--no-proxy-headers" in web_server("127.0.0.1", 8000).command
    settings.TRUSTED_PROXIES = ["10.0.0.5", "192.0.2.0/24"]
    command = web_server("127.0.0.1", 8000).command
    assert command[command.index("--forwarded-allow-ips") + 1] == "10.0.0.5,192.0.2.0/24"


def test_a_header_alone_gives_nobody_fresh_attempts_at_a_password(site: Site) -> None:
    """From this very machine, which the web server itself would trust."""
    session = requests.Session()
    page = session.get(f"{site.url}/sign-in/", timeout=30)
    [csrf] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    wish = {"username": "nobody", "password": "wrong", "csrfmiddlewaretoken": csrf}
    found = [
        session.post(
            f"{site.url}/sign-in/", data=wish, headers={"X-Forwarded-For": f"203.0.113.{number}"}, timeout=30
        ).status_code
        for number in range(6)
    ]
    assert found == [200] * 5 + [429]
