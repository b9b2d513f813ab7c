"""A search whose trials two real training workers share."""

import os
import signal
from typing import Any

from tests.support.site import Api, Site, wait_until
from tests.workers.test_jobs import archive, import_archive, new_project
from tests.workers.test_shared_training import second_training_worker

TRIALS = 4


def ended_search(api: Api, project: int, seconds: float) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        row: dict[str, Any] = api.get(f"projects/{project}/searches/1")
        return row if row["state"] != "running" else None

    return wait_until(ended, seconds=seconds, what="the end of the search")  # type: ignore[no-any-return]


def test_two_workers_share_a_search_and_one_that_is_killed_costs_no_trial(site: Site) -> None:
    api = site.api()
    project = new_project(api, "searched")
    assert import_archive(api, project, archive(60))["added"] == 60
    wish = {"architecture": "tiny_vgg", "trials": TRIALS, "max_minutes": 0.3, "pruner": "none"}
    with second_training_worker(site):
        api.post(f"projects/{project}/searches", json=wish)
        trials = f"Run.objects.filter(search__project={project})"
        wait_until(
            lambda: any(
                trial["value"] is not None for trial in api.get(f"projects/{project}/searches/1")["trials"]
            ),
            seconds=240,
            what="the first epoch of a trial",
        )
        for pid in site.processes()["train"]:
            os.kill(pid, signal.SIGKILL)
        search = ended_search(api, project, seconds=400)
    assert (search["state"], search["error"]) == ("done", "")
    assert [trial["state"] for trial in search["trials"]] == ["done"] * TRIALS
    assert all(0 <= trial["value"] <= 1 for trial in search["trials"])
    first, *others = [trial["hyperparameters"] for trial in search["trials"]]
    assert first["learning_rate"] == 0.001
    assert len({values["learning_rate"] for values in others}) == TRIALS - 1
    assert len(site.query(f"' '.join(sorted(set({trials}.values_list('worker', flat=True))))").split()) >= 2
    models = f"Model.objects.filter(run__search__project={project}, state='candidate').count()"
    assert site.query(models) == str(TRIALS)
