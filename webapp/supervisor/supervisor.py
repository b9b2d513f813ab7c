"""Starting, watching, restarting and stopping processes."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable

from webapp.orphans import die_with
from webapp.supervisor.console import Console
from webapp.supervisor.programs import Program, environment_of

# Three steps that end within ten seconds. Jobs are rows and are queued again, so nothing is lost by being firm.
QUIT_AFTER_SECONDS = 3.0
KILL_AFTER_SECONDS = 7.0
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
# A process that ran this long was well: its next crash is a first crash again.
WELL_AFTER_SECONDS = 30.0


class Supervisor:
    """Keeps programs running until it is asked to stop."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._stopping = asyncio.Event()
        self._watchers: list[tuple[Program, asyncio.Task[None]]] = []
        self._running: dict[str, asyncio.subprocess.Process] = {}

    def stop(self) -> None:
        """Ask everything to end; asked again, end it at once."""
        if self._stopping.is_set():
            for process in self._running.values():
                _kill_group(process)
        self._stopping.set()

    async def start(self, program: Program) -> None:
        """Start a program and keep it running."""
        process = await self._spawn(program)
        self._watchers.append((program, asyncio.create_task(self._watch(program, process))))

    async def wait_for_stop(self) -> None:
        await self._stopping.wait()

    async def finish(self) -> None:
        """End every process; return when none is left."""
        self._stopping.set()
        await asyncio.gather(*(watcher for _, watcher in self._watchers))

    async def _watch(self, program: Program, process: asyncio.subprocess.Process) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            started = time.monotonic()
            await self._until_exit_or_stop(program, process)
            # What the process itself started goes with it.
            _kill_group(process)
            if self._stopping.is_set():
                return
            if time.monotonic() - started > WELL_AFTER_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            self._console.write(
                program.name,
                f"ended unexpectedly ({_ending(process.returncode)}); starting again in {pause:.0f} s",
            )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
                return
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            process = await self._spawn(program)

    async def _until_exit_or_stop(self, program: Program, process: asyncio.subprocess.Process) -> None:
        reading = asyncio.create_task(self._copy_output(program, process))
        exited = asyncio.create_task(process.wait())
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({exited, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not exited.done():
            if program.ends_last:
                others = [watcher for other, watcher in self._watchers if not other.ends_last]
                await asyncio.gather(*others)
            await self._end(process)
        await exited
        del self._running[program.name]
        # A grandchild may hold the pipe open: what it still says is not worth waiting for.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(reading, 0.5)

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        steps: list[tuple[float, Callable[[], None]]] = [
            (QUIT_AFTER_SECONDS, lambda: _send(process, signal.SIGTERM)),
            (KILL_AFTER_SECONDS - QUIT_AFTER_SECONDS, lambda: _send(process, signal.SIGQUIT)),
            (5.0, lambda: _kill_group(process)),
        ]
        for seconds, step in steps:
            step()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), seconds)
                return

    async def _spawn(self, program: Program) -> asyncio.subprocess.Process:
        supervisor = os.getpid()
        process = await asyncio.create_subprocess_exec(
            *program.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=environment_of(program),
            # A group of its own: Ctrl-C reaches the supervisor only, which then ends things in order.
            start_new_session=True,
            preexec_fn=lambda: die_with(supervisor),
        )
        self._running[program.name] = process
        return process

    async def _copy_output(self, program: Program, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:
                # Longer than the stream's buffer: a progress bar without line ends, not worth keeping.
                continue
            if not line:
                return
            text = line.decode(errors="replace").rstrip()
            if text and not any(words in text for words in program.hidden):
                self._console.write(program.name, text)


def _send(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)


def _kill_group(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit status {code}"
