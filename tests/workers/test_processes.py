"""The site's processes: what runs, what comes back after a crash, what is left after the end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from tests.support.site import ROOT, STOPPED_WITHIN_SECONDS, Site, wait_until

WITHOUT_TENSORFLOW = """
import os, sys
import django
django.setup()
from django.test import Client
from django.urls import get_resolver
import webapp.asgi
get_resolver().url_patterns
client = Client()
from webapp.accounts.models import User
client.force_login(User.objects.get(username="admin"))
for address in ("/", "/health", "/projects/new/", *sys.argv[1:]):
    answer = client.get(address, HTTP_HOST="localhost")
    assert answer.status_code in (200, 503), (address, answer.status_code)
heavy = sorted(name for name in sys.modules if name.split(".")[0] in ("tensorflow", "keras", "torch", "jax", "optuna"))
print("heavy:", heavy)
"""


def test_health_tells_each_queue_that_has_a_worker(site: Site) -> None:
    answer = requests.get(f"{site.url}/health", timeout=10)
    assert answer.status_code == 200
    assert answer.json() == {"database": True, "redis": True, "queues": ["predict", "prepare", "train"]}


def test_the_web_process_never_imports_tensorflow(site: Site) -> None:
    site.manage("create_project", "light", "--alphabet", "01", "--length", "2")
    number = site.query("Project.objects.get(name='light').pk")
    project = f"/projects/{number}/"
    pages = [
        "",
        "import/",
        "preparation/",
        "label/",
        "runs/",
        "searches/",
        "models/",
        "read/",
        "images/",
        "settings/",
    ]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WITHOUT_TENSORFLOW, *(project + page for page in pages)],
        cwd=ROOT,
        env=site.environment | {"DJANGO_SETTINGS_MODULE": "webapp.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "heavy: []" in done.stdout
    # And the very process that serves: its mapped libraries tell.
    (web,) = site.processes()["web"]
    assert "tensorflow" not in Path(f"/proc/{web}/maps").read_text()


@pytest.mark.parametrize("part", ["redis", "web", "predict", "prepare", "train"])
def test_a_part_that_is_killed_is_running_again_within_a_minute(site: Site, part: str) -> None:
    victims = site.processes()[part]
    assert victims
    for pid in victims:
        os.kill(pid, signal.SIGKILL)

    def healthy_again() -> bool:
        alive = site.processes()[part]
        if not alive or set(alive) & set(victims):
            return False
        try:
            answer = requests.get(f"{site.url}/health", timeout=5).json()
        except requests.ConnectionError:
            return False
        return answer == {"database": True, "redis": True, "queues": ["predict", "prepare", "train"]}

    wait_until(healthy_again, seconds=60, what=f"the return of {part}")
    assert f"{part:<8} | ended unexpectedly (killed by SIGKILL)" in site.log


def test_several_web_processes_answer_and_end_with_the_one_that_started_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", "2")
    site = Site(tmp_path / "site")
    site.start()
    try:
        before = site.processes()["web"]
        assert len(before) == 3
        os.kill(min(before), signal.SIGKILL)
        wait_until(
            lambda: not set(before) & set(site.processes()["web"]), seconds=10, what="the end of all three"
        )
        wait_until(lambda: len(site.processes()["web"]) == 3, seconds=60, what="their return")
    finally:
        site.stop()
    assert not any(site.processes().values())


def test_ctrl_c_stops_everything_within_ten_seconds_and_leaves_nothing(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    site.start()
    try:
        assert all(site.processes().values())
        assert site.log.strip().endswith(f"ready: open {site.url}/")
        took = site.stop()
        assert took < STOPPED_WITHIN_SECONDS
        assert not any(site.processes().values())
    finally:
        if site.process is not None and site.process.poll() is None:
            site.stop()


def test_a_second_start_on_the_same_folder_or_port_says_what_to_do(site: Site, tmp_path: Path) -> None:
    same_folder = subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", "up"],
        cwd=ROOT, env=site.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert same_folder.returncode == 1
    assert "already" in same_folder.stderr
    same_port = subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", "up"],
        cwd=ROOT,
        env=site.environment | {"DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert same_port.returncode == 1
    assert f"PORT={site.port + 1} make up" in same_port.stderr


def test_a_site_that_was_killed_outright_starts_again_on_what_it_left(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    site.start()
    assert site.process is not None
    site.process.kill()
    site.process.wait()
    wait_until(lambda: not any(site.processes().values()), seconds=10, what="the end of the orphans")
    started = time.monotonic()
    site.start()
    assert time.monotonic() - started < 60
    site.stop()


def test_a_command_on_a_fresh_data_folder_makes_its_database(tmp_path: Path) -> None:
    fresh = Site(tmp_path / "fresh")
    assert "Created project 1" in fresh.manage("create_project", "first", "--alphabet", "01", "--length", "2")
