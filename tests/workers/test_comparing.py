"""Runs side by side, and strength reports, on real workers."""

import os
import signal

import pytest

from tests.support.site import Api, Site, wait_until
from tests.workers.test_jobs import archive, ended_run, import_archive, new_project


@pytest.fixture(scope="module")
def api(site: Site) -> Api:
    return site.api()


def test_a_worker_reads_what_older_models_have_not_kept(site: Site, api: Api) -> None:
    project = new_project(api, "compared")
    import_archive(api, project, archive(60))
    for seed in (1, 2):
        wish = {"architecture": "tiny_vgg", "max_epochs": 2, "seed": seed}
        run = api.post(f"projects/{project}/runs", json=wish)
        assert ended_run(api, project, run["number"])["state"] == "done"
    address = f"projects/{project}/compare?run=1&run=2"
    before = api.get(address)
    assert before["unread"] == []
    site.query(f"ModelReadings.objects.filter(model__project={project}).delete()")
    assert api.get(address)["unread"] == [1, 2]
    api.post(address)
    wait_until(lambda: api.get(address)["unread"] == [], seconds=90, what="the reading of the test images")
    assert api.get(address) == before


def test_a_strength_report_whose_worker_is_killed_goes_on_where_it_was(site: Site, api: Api) -> None:
    project = new_project(api, "audited")
    import_archive(api, project, archive(80))
    address = f"projects/{project}/strength-reports"
    wish = {"architecture": "tiny_vgg", "max_minutes": 0.05, "sizes": 2}
    assert api.post(address, json=wish)["state"] == "queued"
    wait_until(lambda: api.get(f"{address}/1")["readers_done"], seconds=240, what="the first reader")
    for pid in site.processes()["train"]:
        os.kill(pid, signal.SIGKILL)
    wait_until(
        lambda: api.get(f"{address}/1")["state"] not in ("queued", "running"),
        seconds=400,
        what="the end of the report",
    )
    row = api.get(f"{address}/1")
    assert (row["state"], row["error"]) == ("done", "")
    report = row["report"]
    assert len(report["measured"]["points"]) == 2
    assert len(report["noise"]) == 4
    assert {point["test"]["n"] for point in report["measured"]["points"]} == {
        each["learnt"]["n"] for each in report["noise"]
    }
