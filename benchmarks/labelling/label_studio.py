"""Label Studio, the peer, as its own command starts it, in a virtual environment of its own."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import requests

from tests.support.site import free_port, new_database, wait_until

VERSION = "1.23.2"
PASSWORD = "benchmarks only, never used elsewhere"
CONFIGURATION = '<View><Image name="image" value="$image"/><TextArea name="text" toName="image"/></View>'

FOLDER = Path(tempfile.gettempdir()) / f"label-studio-{VERSION}"
"""Its virtual environment."""
OURS = ("DATABASE_URL", "DATA_DIR", "DJANGO_SETTINGS_MODULE", "PYTHONPATH")
"""What the environment says to the site and not to the peer."""
_UV, _PYTHON = str(Path(sys.executable).with_name("uv")), str(FOLDER / "bin" / "python")


@contextmanager
def running_label_studio() -> Iterator["LabelStudio"]:
    """Label Studio with a SQLite file as its default start makes it, or in a new database of DATABASE_URL's server."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        program = _installed()
        command = [
            program, "start", "--no-browser", "--port", str(port), "--data-dir", str(folder / "data"),
            "--username", "owner@example.com", "--password", PASSWORD,
        ]  # fmt: skip
        own = {name: value for name, value in os.environ.items() if name not in OURS}
        # It would look for its makers' servers, which costs it time where there is no way out.
        quiet = {"COLLECT_ANALYTICS": "false", "SENTRY_DSN": "", "FRONTEND_SENTRY_DSN": ""}
        environment = own | quiet | _database()
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                command, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        try:
            running = LabelStudio(f"http://localhost:{port}")
            wait_until(running.answers, seconds=600, what="the start of Label Studio")
            running.sign_in()
            yield running
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


@dataclass
class LabelStudio:
    """A running Label Studio, spoken to as its owner."""

    url: str
    browser: requests.Session = field(default_factory=requests.Session)

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/health", timeout=5).ok
        except requests.ConnectionError:
            return False

    def sign_in(self) -> None:
        _send_form(self.browser, f"{self.url}/user/login/", email="owner@example.com", password=PASSWORD)

    def new_project(self, title: str, *, images: int) -> int:
        """Make a project with tasks, each to be read once; return its number."""
        wish = {"title": title, "label_config": CONFIGURATION, "maximum_annotations": 1}
        project = self._post("projects", wish)["id"]
        self._post(f"projects/{project}/import", [{"image": f"/static/{each}.png"} for each in range(images)])
        return int(project)

    def new_annotators(self, count: int) -> list[dict[str, str]]:
        """Sign up so many people by the link that it has for them; return their HTTP headers."""
        link = self.browser.get(f"{self.url}/api/invite", timeout=60).json()["invite_url"]
        accounts = []
        for number in range(count):
            browser = requests.Session()
            email = f"annotator-{number}@example.com"
            _send_form(
                browser, f"{self.url}{link}", email=email, password=PASSWORD, allow_newsletters="false"
            )
            accounts.append({"Cookie": f"sessionid={browser.cookies['sessionid']}"})
        return accounts

    def _post(self, path: str, wish: Any) -> Any:
        answer = self.browser.post(f"{self.url}/api/{path}", json=wish, timeout=600)
        assert answer.ok, answer.text
        return answer.json()


def _send_form(browser: requests.Session, address: str, **fields: str) -> None:
    browser.get(address, timeout=60)
    token = browser.cookies["csrftoken"]
    answer = browser.post(address, data={**fields, "csrfmiddlewaretoken": token}, timeout=60)
    if not answer.ok or "sessionid" not in browser.cookies:
        raise SystemExit(f"Nobody could sign in at {address}: it answered {answer.status_code}.")


def versions() -> list[str]:
    """Of the peer, and of what matters to its speed."""
    command = [_UV, "pip", "freeze", "--quiet", "--python", _PYTHON]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return [one for one in listed if re.match("(label-studio|django|psycopg.*)==", one)]


def _installed() -> str:
    """Return its program, installed where it is not there yet: its packages do not go with those of the site."""
    program = FOLDER / "bin" / "label-studio"
    if not program.exists():
        subprocess.run(
            [_UV, "venv", "--quiet", "--clear", "--python", sys.executable, str(FOLDER)], check=True
        )
        install = [_UV, "pip", "install", "--quiet", "--python", _PYTHON]
        subprocess.run([*install, f"label-studio=={VERSION}"], check=True)
    return str(program)


def _database() -> dict[str, str]:
    address = new_database()
    if address is None:
        return {}
    parts = urlsplit(address)
    return {
        "DJANGO_DB": "default",
        "POSTGRE_NAME": parts.path.strip("/"),
        "POSTGRE_USER": parts.username or "",
        "POSTGRE_PASSWORD": parts.password or "",
        "POSTGRE_HOST": unquote(parts.hostname or ""),
        "POSTGRE_PORT": str(parts.port or 5432),
    }
