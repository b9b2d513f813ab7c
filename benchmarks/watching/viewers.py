"""How soon a step of a training is on the screens of 20 viewers: one is a browser, the others take the same events.

Clocks need no comparing: the writer, the site and the viewers are on one machine.
"""

import json
import subprocess
import sys
import threading
import time
from typing import Any

import requests

from benchmarks.common import running_site, save, sized
from benchmarks.speed.timing import summary
from tests.support.browser import open_browser, sign_in
from tests.support.site import PASSWORD, ROOT, USER, Site

VIEWERS = 20
STEPS = sized(120, 8)
SECONDS_BETWEEN = sized(1.0, 0.5)
EPOCHS_BEFORE = sized(10_000, 100)
# Notes when an epoch's row stands in the page, as milliseconds of Unix time.
NOTE_ROWS = """() => {
  window.drawn = {};
  new MutationObserver(() => {
    const number = document.querySelector("[data-run-target=rows] td")?.textContent;
    if (number) window.drawn[number] ??= Date.now();
  }).observe(document.querySelector("[data-run-target=rows]"), { childList: true });
}"""


class Viewer(threading.Thread):
    """Takes a run's events as a page does, and notes when it had each epoch, in Unix seconds."""

    def __init__(self, site: Site, session: requests.Session, address: str) -> None:
        super().__init__(daemon=True)
        cursor = session.get(f"{site.url}{address}history/", timeout=60).json()["cursor"]
        self.answer = session.get(f"{site.url}{address}events/?after={cursor}", stream=True, timeout=(60, 60))
        self.answer.raise_for_status()
        self.seen: dict[int, float] = {}

    def run(self) -> None:
        is_epoch = False
        for line in self.answer.iter_lines(chunk_size=1):
            if line.startswith(b"data: ") and is_epoch:
                self.seen.setdefault(json.loads(line[6:])["number"], time.time())
            if line.startswith(b"event: "):
                is_epoch = line == b"event: epoch"
                if line == b"event: done":
                    return


def main() -> None:
    with running_site() as site, open_browser() as browser:
        address = site.manage("shell", "--no-imports", "-c", MAKE_RUN).strip().splitlines()[-1]
        viewers = [Viewer(site, signed_in(site), address) for _ in range(VIEWERS - 1)]
        for viewer in viewers:
            viewer.start()
        page = browser.new_page(base_url=site.url)
        sign_in(page)
        page.goto(address)
        page.locator("[data-run-target=rows] tr").first.wait_for(state="attached")
        page.evaluate(NOTE_ROWS)
        written = steps_of_a_worker(site)
        for viewer in viewers:
            viewer.join(60)
        page.wait_for_function(f"() => window.drawn[{EPOCHS_BEFORE + STEPS}]", timeout=60_000)
        drawn = {int(number): at / 1000 for number, at in page.evaluate("() => window.drawn").items()}
    screens = [viewer.seen for viewer in viewers] + [drawn]
    # The first steps find connections that are opened only now.
    counted = sorted(written)[2:]
    waits = [1000 * (seen[step] - written[step]) for seen in screens for step in counted if step in seen]
    in_browser = [1000 * (drawn[step] - written[step]) for step in counted if step in drawn]
    save(
        "watching/viewers",
        {
            "viewers": VIEWERS,
            "steps": len(counted),
            "epochs_before": EPOCHS_BEFORE,
            "missed": len(screens) * len(counted) - len(waits),
            "milliseconds": summary(waits) | {"p95": p95(waits), "most": round(max(waits), 1)},
            "milliseconds_in_a_browser": summary(in_browser) | {"p95": p95(in_browser)},
        },
    )


def p95(values: list[float]) -> float:
    return round(sorted(values)[int(0.95 * (len(values) - 1))], 1)


MAKE_RUN = f"""
from benchmarks.watching.rows import watched_run
from webapp.accounts.models import User
print(watched_run(User.objects.get(username={USER!r}), {EPOCHS_BEFORE}).get_absolute_url())
"""
# The steps are written by what writes them in a training; times are taken before the writing begins.
WRITE_STEPS = f"""
import json, time
from labeling.heartbeat import Heartbeat
from labeling.jobs import JobState
from tests.training.report_rows import metrics
from training.models import Run
from training.services.run_reporter import RunReporter
run = Run.objects.get()
Run.objects.filter(pk=run.pk).update(state=JobState.QUEUED)
assert run.claim_for_work()
written = {{}}
with Heartbeat(run) as heartbeat:
    reporter = RunReporter(run, heartbeat, None)
    for number in range({EPOCHS_BEFORE} + 1, {EPOCHS_BEFORE + STEPS} + 1):
        time.sleep({SECONDS_BETWEEN})
        written[number] = time.time()
        reporter.on_epoch(metrics(number))
time.sleep(2)
run.finish(JobState.DONE)
print(json.dumps(written))
"""


def steps_of_a_worker(site: Site) -> dict[int, float]:
    """Write steps in a process of their own; return when, in Unix seconds."""
    command = [sys.executable, "-W", "ignore", "manage.py", "shell", "--no-imports", "-c", WRITE_STEPS]
    done = subprocess.run(
        command, cwd=ROOT, env=site.environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return {int(number): at for number, at in json.loads(done.stdout.strip().splitlines()[-1]).items()}


def signed_in(site: Site) -> requests.Session:
    session = requests.Session()
    session.get(f"{site.url}/sign-in/", timeout=60)
    form: dict[str, Any] = {
        "username": USER, "password": PASSWORD, "csrfmiddlewaretoken": session.cookies["csrftoken"],
    }  # fmt: skip
    session.post(f"{site.url}/sign-in/", form, timeout=60).raise_for_status()
    return session


if __name__ == "__main__":
    main()
