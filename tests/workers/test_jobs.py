"""Jobs on real workers: what a crash, a lost message or a second delivery does to them."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.factories import png, texts
from tests.support.site import STOPPED_WITHIN_SECONDS, Api, Site, wait_until


@pytest.fixture(scope="module")
def api(site: Site) -> Api:
    return site.api()


def new_project(api: Api, name: str, alphabet: str = "01", length: str = "2") -> int:
    wish = {"name": name, "alphabet": alphabet, "length": length}
    return int(api.post("projects", json=wish)["id"])


def archive(count: int, alphabet: str = "01", length: int = 2, *, first: int = 0) -> bytes:
    """A zip of drawn pictures named by their text; from another `first` number on they are other pictures."""
    buffer = io.BytesIO()
    digits = str.maketrans("0123456789", (alphabet * 10)[:10])
    with zipfile.ZipFile(buffer, "w") as target:
        for number, text in enumerate(texts(count, length)):
            text = text.translate(digits)
            target.writestr(f"{text}_{number}.png", png(text, first + number))
    return buffer.getvalue()


def import_archive(api: Api, project: int, data: bytes) -> dict[str, Any]:
    batch = api.post(
        f"projects/{project}/imports", data={"labels": "filename"}, files={"files": ("all.zip", data)}
    )
    return finished_import(api, project, batch["id"])


def finished_import(api: Api, project: int, number: int) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        row: dict[str, Any] = api.get(f"projects/{project}/imports/{number}")
        return row if row["state"] not in ("draft", "queued", "running") else None

    return wait_until(ended, seconds=90, what="the end of the import")  # type: ignore[no-any-return]


def ended_run(api: Api, project: int, number: int, seconds: float = 180) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        row: dict[str, Any] = api.get(f"projects/{project}/runs/{number}")
        return row if row["state"] not in ("queued", "running") else None

    return wait_until(ended, seconds=seconds, what="the end of the run")  # type: ignore[no-any-return]


def test_images_are_imported_trained_on_and_read_over_http(api: Api) -> None:
    project = new_project(api, "whole way")
    assert import_archive(api, project, archive(150))["added"] == 150
    run = api.post(f"projects/{project}/runs", json={"architecture": "tiny_vgg", "max_epochs": 12})
    assert ended_run(api, project, run["number"])["state"] == "done"
    answer = api.post(
        f"projects/{project}/read",
        files=[
            ("files", ("a.png", png("01", 7001))),
            ("files", ("broken.png", b"no image")),
            ("files", ("b.png", png("10", 7002))),
        ],
    )
    first, broken, second = answer["readings"]
    assert (first["text"], second["text"]) == ("01", "10")
    assert len(first["characters"]) == 2
    assert broken["error"]
    assert 0 <= first["confidence"] <= 1


def test_every_bad_file_is_told_over_http_too(api: Api) -> None:
    project = new_project(api, "bad files")
    files = [
        ("files", ("01.png", png("01"))),
        ("files", ("empty.png", b"")),
        ("files", ("text.jpg", b"only words")),
        ("files", ("x9.png", png("9"))),
    ]
    batch = api.post(f"projects/{project}/imports", data={"labels": "filename"}, files=files)
    row = finished_import(api, project, batch["id"])
    assert (row["added"], row["rejected"], row["without_label"]) == (1, 2, 1)
    rows = api.get(f"projects/{project}/imports/{batch['id']}/files", params={"outcome": "rejected"})["items"]
    assert [file["name"] for file in rows] == ["empty.png", "text.jpg"]
    assert all(len(file["message"]) > 10 for file in rows)


def test_a_training_goes_on_where_the_end_of_the_site_left_it(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    site.start()
    try:
        api = site.api()
        project = new_project(api, "paused")
        import_archive(api, project, archive(150))
        wish = {"max_epochs": 200, "hyperparameters": {"patience": 1000, "epoch_images": 0}}
        number = api.post(f"projects/{project}/runs", json=wish)["number"]
        wait_until(
            lambda: api.get(f"projects/{project}/runs/{number}")["epoch"] >= 3,
            seconds=120,
            what="the third epoch",
        )
        assert site.stop() < STOPPED_WITHIN_SECONDS
        run = f"Run.objects.get(project={project})"
        # Stopping the site is no crash of the training.
        assert site.query(f"({run}.state, {run}.attempts)") == "('queued', 0)"
        epochs = int(site.query(f"{run}.history.count()"))
        site.start()
        wait_until(
            lambda: api.get(f"projects/{project}/runs/{number}")["epoch"] > epochs,
            seconds=60,
            what="an epoch more than before",
        )
        assert site.query(f"{run}.history.filter(number__lte={epochs}).count()") == str(epochs)
    finally:
        site.stop()


def test_an_import_whose_message_was_lost_is_picked_up(site: Site, api: Api, tmp_path: Path) -> None:
    project = new_project(api, "lost message")
    files = tmp_path / "all.zip"
    files.write_bytes(archive(20))
    # Queued without a message, as if Redis had been emptied right after the upload.
    number = site.manage(
        "shell", "--no-imports", "-c",
        "from django.core.files.base import ContentFile; from labeling.models import Project; "
        "from labeling.services.imports import add_upload, create_import, queue_import; "
        f"batch = create_import(project=Project.objects.get(pk={project}), user=None, label_source='filename'); "
        f"add_upload(import_batch=batch, name='all.zip', file=ContentFile(open('{files}', 'rb').read())); "
        "queue_import(import_batch=batch, here=True); print(batch.pk)",
    )  # fmt: skip
    row = finished_import(api, project, int(number))
    assert (row["state"], row["added"]) == ("done", 20)
