"""Looks up the pinned packages in the databases of known vulnerabilities. Fails where one is found.

Where a database cannot be reached, says so and passes: then nothing was audited. Usage: python scripts/audit.py
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MOST_SECONDS = 120
# Those of requirements.txt are among them.
LOCK = "requirements-dev.txt"
PIP_AUDIT = [
    sys.executable, "-m", "pip_audit", "--requirement", LOCK, "--no-deps", "--disable-pip",
    "--progress-spinner", "off", "--timeout", "15", "--format", "json",
]  # fmt: skip
NPM_AUDIT = ["npm", "audit", "--omit=dev", "--json"]


def main() -> int:
    """Audit both lock files; return the exit status."""
    python_said = judge_python(run(PIP_AUDIT))
    node_said = judge_node(run(NPM_AUDIT))
    found = [*report(LOCK, *python_said), *report("package-lock.json", *node_said)]
    return 1 if found else 0


def run(command: list[str]) -> Any:
    """Return the JSON that an audit prints, or None where it ends without any."""
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=MOST_SECONDS
        )
        return json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


def judge_python(said: Any) -> tuple[int, list[str]]:
    """Tell from pip-audit's answer how many packages were looked up, and which have known vulnerabilities.

    A package that the database does not know counts as not looked up: a mirror of packages knows none of them.
    """
    packages = said["dependencies"] if isinstance(said, dict) and "dependencies" in said else []
    looked_up = [one for one in packages if "skip_reason" not in one]
    found = [
        f"{one['name']} {one['version']}: {flaw['id']}, fixed in {', '.join(flaw['fix_versions']) or 'no version yet'}"
        for one in looked_up
        for flaw in one["vulns"]
    ]
    return len(looked_up), found


def judge_node(said: Any) -> tuple[int, list[str]]:
    """Tell the same from npm's answer."""
    if not isinstance(said, dict) or "vulnerabilities" not in said:
        return 0, []
    found = [f"{name}: {one['severity']}" for name, one in said["vulnerabilities"].items()]
    return int(said["metadata"]["dependencies"]["total"]), found


def report(lock: str, looked_up: int, found: list[str]) -> list[str]:
    """Say what came of one lock file; return what was found."""
    if not looked_up:
        print(f"audit: {lock}: NOT AUDITED, the database of vulnerabilities cannot be reached")
    elif not found:
        print(f"audit: {lock}: {looked_up} packages looked up, no known vulnerability")
    else:
        print(f"audit: {lock}: known vulnerabilities; raise the versions with “make lock”")
        for line in found:
            print(f"  {line}")
    return found


if __name__ == "__main__":
    sys.exit(main())
