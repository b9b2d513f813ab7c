"""How long the server takes for the page of a run with a long history, and for what the page asks for then."""

import os
import tempfile
from typing import Any

from benchmarks.common import milliseconds, save, sized

EPOCHS = sized(10_000, 300)
TIMES = sized(50, 3)
PARTS = {
    "page": "",
    "history": "history/",
    "readings": "readings/",
    "learning curve": "learning-curve/",
    "table of all epochs": "history.csv",
}


def main() -> None:
    os.environ["DATA_DIR"] = tempfile.mkdtemp()
    os.environ["DJANGO_SETTINGS_MODULE"] = "webapp.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from benchmarks.watching.rows import watched_run
    from tests.factories import make_user

    call_command("migrate", verbosity=0)
    owner = make_user()
    run = watched_run(owner, EPOCHS)
    client = Client(headers={"host": "localhost"})
    client.force_login(owner)
    found: dict[str, Any] = {}
    for name, part in PARTS.items():
        address = f"{run.get_absolute_url()}{part}"
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        assert answer.status_code == 200, address

        def load(address: str = address) -> None:
            client.get(address)

        size = {"queries": len(queries), "kilobytes": round(len(answer.content) / 1024, 1)}
        found[name] = size | milliseconds(load, TIMES)
    save("watching/first_paint", {"epochs": EPOCHS, "milliseconds": found})


if __name__ == "__main__":
    main()
