"""Which code trained a model."""

import subprocess
from functools import cache
from pathlib import Path


@cache
def code_version() -> str:
    """Return `git describe` of this checkout, or `unknown` where the code did not come as a checkout."""
    try:
        answer = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--tags"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return answer.stdout.strip()
