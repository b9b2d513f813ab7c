"""The site's real processes, told everything that is secret and shown everything that goes wrong: no log repeats it."""

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.factories import png
from tests.support.redis import private_redis
from tests.support.site import PASSWORD, ROOT, USER, Site, free_port, wait_until
from webapp.supervisor.programs import web_server

SECRETS = {
    "SECRET_KEY": "key-that-signs-" + "k3" * 30,
    "AWS_ACCESS_KEY_ID": "storage-user-6f1d",
    "AWS_SECRET_ACCESS_KEY": "storage-secret/91ab+x",
}
REDIS_PASSWORD = "redis-secret-4c77"
DATABASE_PASSWORD = "database-secret-d02e"
WRONG_PASSWORD = "typed-in-haste-b813"
WRONG_TOKEN = "cwb_no-token-of-ours-5a20"


def nobody() -> str:
    """Where nothing listens."""
    return f"127.0.0.1:{free_port()}"


@dataclass
class Talkative:
    """A site whose storage is away, that says all it can."""

    site: Site
    redis: ExitStack
    """Closing it takes Redis away."""


@pytest.fixture(scope="module")
def talkative(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talkative]:
    folder = tmp_path_factory.mktemp("secrets")
    with ExitStack() as redis:
        more = {
            **SECRETS,
            "REDIS_URL": redis.enter_context(private_redis(folder, REDIS_PASSWORD)),
            "S3_BUCKET": "workbench",
            "S3_ENDPOINT_URL": f"http://{nobody()}",
            "S3_REGION": "us-east-1",
            "AWS_MAX_ATTEMPTS": "1",
            "LOG_LEVEL": "DEBUG",
        }
        site = Site(folder, more=more)
        site.start()
        yield Talkative(site, redis)
        site.stop()


def browser(site: Site, password: str = PASSWORD) -> requests.Session:
    """Sign in, or try to, as a person does."""
    session = requests.Session()
    page = session.get(f"{site.url}/sign-in/", timeout=30)
    [csrf] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    wish = {"username": USER, "password": password, "csrfmiddlewaretoken": csrf}
    session.post(f"{site.url}/sign-in/", data=wish, timeout=30)
    return session


def test_whatever_goes_wrong_neither_log_nor_answer_tells_a_secret(talkative: Talkative) -> None:
    site = talkative.site
    site.manage("create_project", "secrets", "--alphabet", "0123456789", "--length", "3")
    number = site.query("Project.objects.get(name='secrets').pk")
    api = site.api()
    said = []

    def ask(method: str, path: str, session: Any = requests, **more: Any) -> requests.Response:
        answer = session.request(method, f"{site.url}{path}", timeout=60, **more)
        said.append(answer.text)
        return answer

    # A token that is wrong, one that is right, and a password that is wrong.
    assert (
        ask("GET", "/api/v1/projects", headers={"Authorization": f"Bearer {WRONG_TOKEN}"}).status_code == 401
    )
    headers = {"Authorization": f"Bearer {api.token}"}
    assert ask("GET", "/api/v1/projects/999", headers=headers).status_code == 404
    browser(site, WRONG_PASSWORD)

    # An invitation's address is a secret: it is opened in all wrong ways.
    invitation = api.post(f"projects/{number}/invitations", json={"role": "viewer"})
    [secret] = re.findall(r"/join/([\w-]+)", str(invitation))
    assert ask("GET", f"/join/{secret}/").status_code == 200
    assert ask("POST", f"/join/{secret}/").status_code == 403
    assert ask("PUT", f"/join/{secret}/").status_code in (403, 405)

    # The storage is away.
    signed_in = browser(site)
    session_key = signed_in.cookies["sessionid"]
    files = {"files": ("123.png", png("123"))}
    broken = ask("POST", f"/api/v1/projects/{number}/imports", headers=headers, files=files)
    assert broken.status_code >= 500
    wait_until(
        lambda: "Could not connect to the endpoint" in site.log, seconds=30, what="the storage's error"
    )

    # Redis is away.
    talkative.redis.close()
    ask("GET", "/", signed_in)
    ask("POST", f"/api/v1/projects/{number}/read", headers=headers, files=files)
    browser(site)
    wait_until(lambda: "sign in are not counted" in site.log, seconds=30, what="Redis's error")

    known = [
        *SECRETS.values(),
        PASSWORD,
        REDIS_PASSWORD,
        WRONG_PASSWORD,
        WRONG_TOKEN,
        api.token,
        secret,
        session_key,
    ]
    assert [value for value in known if value in site.log] == []
    assert [value for value in known if value in "".join(said).replace(f"/join/{secret}", "")] == []
    assert "Traceback" in site.log
    assert "Traceback" not in "".join(said)


def test_without_its_database_the_web_server_tells_no_password(tmp_path: Path) -> None:
    port = free_port()
    more = {
        "DATABASE_URL": f"postgres://workbench:{DATABASE_PASSWORD}@{nobody()}/workbench",
        "LOG_LEVEL": "DEBUG",
    }
    environment = Site(tmp_path, more=SECRETS | more).environment
    log = tmp_path / "log"
    with log.open("wb") as file:
        server = subprocess.Popen(
            web_server("127.0.0.1", port).command,
            cwd=ROOT,
            env=environment,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        answers = {}
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: _answers(f"{url}/health"), seconds=120, what="the start of the web server")
        cookies = {"sessionid": "a-session-of-somebody-77e1"}
        headers = {"Authorization": f"Bearer {WRONG_TOKEN}"}
        answers["health"] = requests.get(f"{url}/health", timeout=30)
        answers["page"] = requests.get(f"{url}/", cookies=cookies, timeout=30)
        answers["api"] = requests.get(f"{url}/api/v1/projects", headers=headers, timeout=30)
    finally:
        server.terminate()
        server.wait(20)
    assert {name: answer.status_code for name, answer in answers.items()} == {
        "health": 503,
        "page": 500,
        "api": 500,
    }
    said = log.read_text() + "".join(answer.text for answer in answers.values())
    assert "connection failed" in log.read_text()
    known = [*SECRETS.values(), PASSWORD, DATABASE_PASSWORD, WRONG_TOKEN, cookies["sessionid"]]
    assert [value for value in known if value in said] == []


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).status_code in (200, 503)
    except requests.RequestException:
        time.sleep(0.2)
        return False
