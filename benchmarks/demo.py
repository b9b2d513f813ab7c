"""What a newcomer sees: minutes from `make up` on an empty folder to the demo's reader, and how right it is."""

import json
import time

from benchmarks.common import running_site, save
from tests.support.site import wait_until


def main() -> None:
    started = time.perf_counter()
    with running_site(demo=True) as site:
        ready = time.perf_counter() - started
        api = site.api()
        wait_until(
            lambda: api.get("projects/1/runs/1")["state"] not in ("queued", "running"),
            seconds=900,
            what="the end of the demo's run",
        )
        seconds = time.perf_counter() - started
        run = api.get("projects/1/runs/1")
        metrics = json.loads(
            site.query("__import__('json').dumps(Model.objects.get(run__project=1).metrics)")
        )
    save(
        "demo",
        {
            "state": run["state"],
            "seconds_until_ready": round(ready, 1),
            "seconds_until_model": round(seconds, 1),
            "test": metrics["test"],
            "validation": metrics["validation"],
        },
    )


if __name__ == "__main__":
    main()
