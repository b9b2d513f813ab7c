"""The settings of a deployment, as `docs/operations.md` names its environment, in processes of their own."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.site import ROOT

OPERATIONS = ROOT / "docs" / "operations.md"

SAY = """
import json, django
django.setup()
from django.conf import settings
from django.test import Client
plain = Client().get("/sign-in/", headers={"host": "labels.example.org"})
tls = Client().get("/sign-in/", headers={"host": "labels.example.org", "x-forwarded-proto": "https"})
health = Client().get("/health", headers={"host": "labels.example.org"})
other = Client().get("/sign-in/", headers={"host": "evil.example.net", "x-forwarded-proto": "https"})
names = ("DEBUG", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_SAMESITE", "TRUSTED_PROXIES")
print(json.dumps({
    "settings": {name: getattr(settings, name) for name in names},
    "plain": [plain.status_code, plain.headers.get("Location")],
    "tls": dict(tls.headers),
    "cookies": [cookie.OutputString() for cookie in tls.cookies.values()],
    "health": health.status_code,
    "other": other.status_code,
}))
"""


def documented(folder: Path) -> dict[str, str]:
    """What the web machine's command in the document sets, and nothing else of ours."""
    [command] = re.findall(r"^    (ALLOWED_HOSTS=.* )make up$", OPERATIONS.read_text(), re.MULTILINE)
    wish = dict(word.split("=", 1) for word in command.split())
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | wish | {"DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "webapp.settings"}


def python(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", *words],
        cwd=ROOT,
        env=documented(folder) | more,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("production")
    done = python(folder, "-c", SAY)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_djangos_checks_for_deployment_find_nothing(tmp_path: Path) -> None:
    done = python(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "INFO")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_the_same_checks_find_a_site_without_tls(tmp_path: Path) -> None:
    done = python(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING", HTTPS="0")
    assert done.returncode != 0
    assert "SESSION_COOKIE_SECURE" in done.stderr


def test_nothing_is_debugged_unless_somebody_says_so(said: dict) -> None:
    assert said["settings"]["DEBUG"] is False


def test_a_plain_request_is_sent_to_tls_but_for_the_health_check(said: dict) -> None:
    assert said["plain"] == [301, "https://labels.example.org/sign-in/"]
    assert said["health"] in (200, 503)


def test_browsers_are_told_to_come_by_tls_only(said: dict) -> None:
    assert said["tls"]["Strict-Transport-Security"] == f"max-age={365 * 24 * 60 * 60}"


def test_cookies_travel_by_tls_only_are_no_scripts_business_and_come_from_no_subdomain(said: dict) -> None:
    [csrf] = said["cookies"]
    assert csrf.startswith("__Host-csrftoken=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(csrf.split("; "))
    settings = said["settings"]
    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["SESSION_COOKIE_HTTPONLY"]
    assert settings["SESSION_COOKIE_SAMESITE"] == "Lax"


def test_the_site_answers_to_its_own_name_only(said: dict) -> None:
    assert said["other"] == 400


def test_a_proxy_on_the_same_machine_is_believed_behind_tls(said: dict) -> None:
    assert said["settings"]["TRUSTED_PROXIES"] == ["127.0.0.1", "::1"]
