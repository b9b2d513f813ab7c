"""Suggestions and the automatic loop on real workers."""

import json
import os
import signal
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.site import Api, Site, wait_until
from tests.workers.test_jobs import archive, ended_run, finished_import, import_archive, new_project

EVERY = 10


@pytest.fixture(scope="module")
def api(site: Site) -> Api:
    return site.api()


def import_unlabelled(api: Api, project: int, data: bytes) -> None:
    wish = {"data": {"labels": "none"}, "files": {"files": ("new.zip", data)}}
    finished_import(api, project, api.post(f"projects/{project}/imports", **wish)["id"])


def label(api: Api, project: int, count: int) -> None:
    """Type the right texts, which the names of the pictures tell."""
    for image in api.post(f"projects/{project}/queue/next", json={"count": count})["images"]:
        key = f"00000000-0000-4000-8000-{image['id']:012}"
        said = {"image": image["id"], "key": key, "text": image["name"].partition("_")[0]}
        api.post(f"projects/{project}/annotations", json=said)


def all_read(api: Api, project: int) -> dict[str, Any]:
    def done() -> dict[str, Any] | None:
        row: dict[str, Any] = api.get(f"projects/{project}/suggestions")
        return row if row["state"] == "done" else None

    return wait_until(done, seconds=120, what="the end of the suggestions")  # type: ignore[no-any-return]


def loops_run(api: Api, project: int, number: int) -> dict[str, Any]:
    """Wait for a run that nobody has started."""
    loop = f"projects/{project}/loop"
    wait_until(lambda: api.get(loop)["last_run"] == number, seconds=60, what=f"the start of run {number}")
    return ended_run(api, project, number)


def test_the_loop_trains_compares_promotes_and_refreshes_the_suggestions(site: Site, api: Api) -> None:
    project = new_project(api, "trains by itself")
    import_archive(api, project, archive(40))
    import_unlabelled(api, project, archive(60, first=1000))
    api.post(f"projects/{project}/loop", json={"on": True, "every": EVERY, "max_minutes": 0.05})
    for number in (1, 2):
        label(api, project, EVERY)
        assert loops_run(api, project, number)["state"] == "done"
        all_read(api, project)

    compared = site.manage("shell", "--no-imports", "-c", COMPARED.format(project=project))
    [former, newer], production, suggesting, promoted = json.loads(compared)
    assert production == (2 if newer >= former else 1)
    assert suggesting == [production]
    assert promoted == production


# How many validation images of the second run each model reads right; whose model reads now; whose suggestions the
# unlabelled images have; how often a model was promoted without anybody's doing.
COMPARED = """
import json
from labeling.models import AuditEntry, Suggestion
from training.models import Model, Run
from training.services.datasets import decoded_split
from training.services.evaluation import evaluate_reader
from training.services.models import open_reader, production_model

models = Model.objects.filter(project={project}).order_by("run__number")
dataset = Run.objects.get(project={project}, number=2).dataset
right = [evaluate_reader(open_reader(model), decoded_split(dataset, "validation")).right for model in models]
suggestions = Suggestion.objects.filter(image__project={project}, image__status="unlabelled")
promotions = AuditEntry.objects.filter(project={project}, action="model_promoted", user=None)
print(json.dumps([
    right, production_model(models[0].project).run.number,
    sorted(set(suggestions.values_list("model_number", flat=True))), promotions.count(),
]))
"""


def test_a_pass_whose_worker_is_killed_goes_on_and_answers_each_image_once(site: Site, api: Api) -> None:
    project = new_project(api, "killed while suggesting")
    import_archive(api, project, archive(40))
    run = api.post(f"projects/{project}/runs", json={"architecture": "random_forest"})["number"]
    assert ended_run(api, project, run)["state"] == "done"
    all_read(api, project)
    import_unlabelled(api, project, archive(1500, first=1000))

    address = f"projects/{project}/suggestions"
    wait_until(lambda: api.get(address)["done"] >= 64, seconds=60, what="the first batch")
    for pid in site.processes()["prepare"]:
        os.kill(pid, signal.SIGKILL)
    killed_at, killed = datetime.now(UTC), api.get(address)
    assert killed["state"] == "running"
    ended = all_read(api, project)
    assert killed["done"] < ended["done"] == ended["total"]
    # What was read before was not read again.
    read_before = (
        f"Suggestion.objects.filter(image__project={project}, created_at__lt='{killed_at.isoformat()}')"
    )
    missing = f"Image.objects.filter(project={project}, status='unlabelled', suggestion=None)"
    attempts = f"SuggestionPass.objects.get(project={project}).attempts"
    found = site.query(f"({read_before}.count(), {missing}.count(), {attempts})")
    assert found == f"({killed['done']}, 0, 2)"
