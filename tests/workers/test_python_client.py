"""The Python client on the running site: the whole way from images to readings."""

import io
import zipfile

import pytest

from client.captcha_workbench import Problem, Workbench
from tests.factories import png
from tests.support.site import Site
from tests.training.small_models import DIGITS, some_texts


@pytest.fixture(scope="module")
def workbench(site: Site) -> Workbench:
    workbench = Workbench(site.url, token=site.api().token)
    made = workbench.post("projects", {"name": "by script", "alphabet": DIGITS, "length": "2"})
    workbench.project = made["id"]
    return workbench


def archive(count: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for number, text in enumerate(some_texts(count)):
            target.writestr(f"{text}_{number}.png", png(text, 7000 + number))
    return buffer.getvalue()


def test_a_script_imports_trains_reads_and_corrects(workbench: Workbench) -> None:
    sent = workbench.import_files([("all.zip", archive(150)), ("no.png", b"no picture")], labels="filename")
    done = workbench.wait_for_import(sent["id"], seconds=90, every=0.2)
    assert (done["state"], done["added"], done["rejected"]) == ("done", 150, 1)
    assert [one["name"] for one in workbench.import_outcomes(sent["id"], "rejected")] == ["no.png"]
    assert workbench.show_project()["images"]["labelled"] == 150

    run = workbench.start_run(architecture="random_forest", hyperparameters={"trees": 60}, seed=3)
    events = list(workbench.watch_run(run["number"]))
    assert (events[-1][0], events[-1][1]["state"]) == ("done", "done")
    assert workbench.wait_for_run(run["number"])["progress"] == 1
    [model] = list(workbench.models())
    assert model["state"] == "production"

    texts = some_texts(300, seed=77)
    pictures = [(f"{number}.png", png(text, 90_000 + number)) for number, text in enumerate(texts)]
    found = workbench.read_many(pictures)
    assert [reading.name for reading in found] == [name for name, _ in pictures]
    right = sum(reading.text == text for reading, text in zip(found, texts, strict=True))
    assert right > 150
    assert found[0].characters[0]["alternatives"]

    said = workbench.correct(texts[0], picture=pictures[0])
    assert workbench.get(f"projects/{workbench.project}/images/{said['image']}")["text"] == texts[0]


def test_what_is_no_picture_says_so_in_its_reading(workbench: Workbench) -> None:
    if not list(workbench.models()):
        pytest.fail("this follows the test that trains")
    picture, broken = workbench.read_many([png(DIGITS[:2]), b"no picture"])
    assert (picture.error, len(picture.text)) == ("", 2)
    assert broken.error


def test_a_batch_is_read_by_workers(workbench: Workbench) -> None:
    texts = some_texts(40, seed=78)
    pictures = [(f"{number}.png", png(text, 95_000 + number)) for number, text in enumerate(texts)]
    batch = workbench.start_batch([*pictures, ("no.png", b"no picture")])
    done = workbench.wait_for_batch(batch["id"], seconds=90, every=0.2)
    assert (done["state"], done["position"], done["failed"]) == ("done", 41, 1)
    found = list(workbench.batch_results(batch["id"]))
    assert [one["name"] for one in found] == [*(name for name, _ in pictures), "no.png"]
    assert [one["text"] for one in found[:40]] == [one.text for one in workbench.read_many(pictures)]


def test_what_is_not_allowed_is_a_problem_with_its_sentence(site: Site, workbench: Workbench) -> None:
    words = ("create_token", "narrow", "--project", "by script", "--scopes", "view")
    narrow = Workbench(site.url, site.manage(*words).strip(), project=workbench.project)
    assert narrow.me()["token"]["scopes"] == ["view"]
    with pytest.raises(Problem, match="needs the scope “read”") as problem:
        narrow.read(png("01"))
    assert problem.value.status == 403
