"""A PostgreSQL server of a test's own, which it may stop and start."""

import os
import shlex
import subprocess
from types import TracebackType
from typing import Self

from tests.support.site import ROOT

SAY_WHERE_AND_WAIT = 'echo "$DATABASE_URL"; echo "$POSTGRES_CTL"; exec cat'


class PrivatePostgres:
    """What `scripts/with-postgres` starts, for as long as the `with` body runs."""

    def __enter__(self) -> Self:
        self._script = subprocess.Popen(
            ["scripts/with-postgres", "sh", "-c", SAY_WHERE_AND_WAIT],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": "/tmp"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._script.stdout is not None
        self.url = self._script.stdout.readline().strip()
        self._control = shlex.split(self._script.stdout.readline())
        assert self.url, "PostgreSQL did not start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._script.stdin is not None
        self._script.stdin.close()
        self._script.wait(30)

    def stop(self) -> None:
        """Stop it as a restart does: open connections are cut."""
        subprocess.run([*self._control, "stop", "--mode", "fast"], check=True)

    def start(self) -> None:
        subprocess.run([*self._control, "start"], check=True, stdout=subprocess.DEVNULL)
