"""Calling functions of `benchmarks.labelling.teams` inside of a running site, on its database."""

import json
from typing import Any

from tests.support.site import Site


def inside(site: Site, call: str) -> Any:
    """Return what `name(arguments)`, as Python writes it, returns there."""
    code = f"import json; from benchmarks.labelling import teams; print(json.dumps(teams.{call}))"
    return json.loads(site.manage("shell", "--no-imports", "-c", code).strip().splitlines()[-1])
