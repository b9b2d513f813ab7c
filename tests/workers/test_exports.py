"""Exports on real workers, and back in again."""

import requests

from tests.support.site import Site, wait_until
from tests.workers.test_jobs import archive, finished_import, import_archive, new_project


def test_a_dataset_goes_out_and_comes_back_over_http(site: Site) -> None:
    api = site.api()
    source = new_project(api, "goes out")
    assert import_archive(api, source, archive(40))["added"] == 40
    export = api.post(f"projects/{source}/exports", json={"format": "dataset"})
    address = f"projects/{source}/exports/{export['id']}"
    wait_until(lambda: api.get(address)["state"] == "done", seconds=90, what="the end of the export")
    file = requests.get(
        f"{site.url}/api/v1/{address}/file", headers={"Authorization": f"Bearer {api.token}"}, timeout=60
    )
    assert file.headers["Content-Disposition"].startswith("attachment")

    target = new_project(api, "comes back")
    batch = api.post(
        f"projects/{target}/imports",
        data={"labels": "csv"},
        files={"files": ("dataset.zip", file.content)},
    )
    assert finished_import(api, target, batch["id"])["added"] == 40
