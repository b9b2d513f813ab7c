"""How long each page of a project with 20,000 images takes on the server, and how many queries it makes.

And the dashboard of a site with 50 projects and 1,000 runs.
"""

import os
import tempfile

IMAGES = 20_000
PROJECTS, RUNS = 50, 1000
DASHBOARD = ("/", "/status/now/", "/status/projects/")


def main() -> None:
    os.environ["DATA_DIR"] = tempfile.mkdtemp()
    os.environ["DJANGO_SETTINGS_MODULE"] = "webapp.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from benchmarks.busy_site import busy_site
    from benchmarks.common import milliseconds, save
    from labeling.models import Image
    from tests.factories import add_images, make_project, make_user, texts

    call_command("migrate", verbosity=0)
    user = make_user("admin", staff=True)
    project = make_project(user)
    pattern = add_images(project, texts(1))[0]
    Image.objects.bulk_create(
        (
            Image(
                project=project, sha256=f"{number:064x}", file=pattern.file.name, name=f"{number}.png", format="PNG",
                width=72, height=32, size=900, fingerprint=pattern.fingerprint,
                status="labelled" if number % 3 else "unlabelled", text=pattern.text if number % 3 else "",
            )
            for number in range(IMAGES)
        ),
        batch_size=2000,
    )  # fmt: skip
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    result = {}
    start = f"/projects/{project.pk}/"
    pages = (
        "",
        "import/",
        "preparation/",
        "label/",
        "label/batch/",
        "runs/",
        "models/",
        "read/",
        "images/",
        "settings/",
        "searches/",
    )

    def measured(address: str) -> dict[str, float]:
        def load() -> None:
            assert client.get(address).status_code == 200

        with CaptureQueriesContext(connection) as queries:
            load()
        return {"queries": len(queries)} | milliseconds(load, 20, warm_up=2)

    for address in ("/", *(start + page for page in pages)):
        result[address.replace(start, "project/")] = measured(address)
    busy_site(user, PROJECTS, RUNS)
    dashboard = {address: measured(address) for address in DASHBOARD}
    save(
        "pages",
        {
            "images": IMAGES,
            "milliseconds": result,
            "projects": PROJECTS,
            "runs": RUNS,
            "dashboard_milliseconds": dashboard,
        },
    )


if __name__ == "__main__":
    main()
