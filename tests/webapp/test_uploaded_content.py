"""Files that pose as pictures: what they are decides, not their names, and nothing active ever comes back."""

import gzip
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image as Pillow

from labeling.jobs import JobState
from labeling.models import Export, Image, Import, Outcome, Project
from labeling.services.exports import create_export
from labeling.services.import_work import run_import
from labeling.services.imports import add_upload, create_import, queue_import
from tests.factories import add_images, draw, make_project, make_user, png
from tests.training.views.rows import add_model, add_prediction, add_run
from training.services.reading import read_encoded

pytestmark = pytest.mark.django_db

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
ACTIVE = {
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": SVG,
    "svg behind a byte order mark": b"\xef\xbb\xbf<?xml version='1.0'?>" + SVG,
    "svgz": gzip.compress(SVG),
    "javascript": b"alert(document.cookie)",
    "xml with an entity": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "pdf": b"%PDF-1.7\n1 0 obj <</S /JavaScript /JS (app.alert(1))>>",
    "html behind a gif's first bytes": b"GIF89a/*<script>alert(1)</script>*/=1;",
    "html behind a bmp's first bytes": b"BM<script>alert(1)</script>",
    "html behind a png's first bytes": b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
}


@pytest.fixture
def project(client: Client) -> Project:
    owner = make_user()
    client.force_login(owner)
    return make_project(owner)


def import_file(project: Project, name: str, data: bytes) -> tuple[str, str]:
    batch: Import = create_import(project=project, user=project.created_by, label_source="none")
    add_upload(import_batch=batch, name=name, file=ContentFile(data))
    queue_import(import_batch=batch, here=True)
    run_import(batch.pk)
    row = batch.files.get()
    return row.outcome, row.message


def stored(folder: str = "") -> list[str]:
    folders, files = default_storage.listdir(folder) if default_storage.exists(folder) else ([], [])
    return [f"{folder}/{name}" for name in files] + [
        found for name in folders for found in stored(f"{folder}/{name}".lstrip("/"))
    ]


@pytest.mark.parametrize("kind", ACTIVE)
def test_active_content_called_a_picture_is_refused_with_a_sentence_and_not_kept(
    project: Project, kind: str
) -> None:
    outcome, message = import_file(project, "123.png", ACTIVE[kind])
    assert outcome == Outcome.REJECTED
    assert len(message) > 15
    assert not Image.objects.exists()
    assert stored() == []


@pytest.mark.parametrize("kind", ACTIVE)
def test_active_content_never_comes_to_a_reader(kind: str) -> None:
    [result] = read_encoded(ReadsNothing(), [ACTIVE[kind]])  # type: ignore[arg-type]
    assert result.error
    assert not result.text


class ReadsNothing:
    """A reader that nothing may come to."""

    def read(self, pixels: list[Any]) -> list[Any]:
        assert pixels == []
        return []


def test_a_picture_called_a_page_is_kept_and_served_as_a_picture(client: Client, project: Project) -> None:
    assert import_file(project, "123.html", png("123"))[0] in (Outcome.ADDED, Outcome.WITHOUT_LABEL)
    image = Image.objects.get()
    assert image.file.name.endswith(".png")
    served_as_a_picture(client.get(image.url), "image/png")


def test_a_picture_with_a_script_behind_its_end_is_served_as_a_picture(
    client: Client, project: Project
) -> None:
    import_file(project, "123.png", png("123") + b"<script>alert(1)</script>")
    served_as_a_picture(client.get(Image.objects.get().url), "image/png")


def test_a_picture_whose_pixels_spell_a_page_is_drawn_anew_where_browsers_do_not_know_its_format(
    client: Client, project: Project
) -> None:
    page = b"<script>alert(1)</script>".ljust(72 * 32 * 3)
    import_file(project, "123.ppm", b"P6 72 32 255\n" + page)
    answer = client.get(Image.objects.get().url)
    served_as_a_picture(answer, "image/png")
    assert b"<script>" not in answer.content


def test_renderings_and_pictures_of_readings_are_pictures_too(client: Client, project: Project) -> None:
    [image, *_] = add_images(project, ["123"] * 20)
    prediction = add_prediction(add_model(add_run(project)))
    addresses = [
        reverse("labeling:thumbnail", args=[project.pk, image.pk]) + "?v=1",
        reverse("training:prediction_file", args=[project.pk, prediction.pk]),
        reverse("labeling:slice_image", args=[project.pk, image.pk, 0]) + "?left=0&right=5000",
        f"/api/v1/projects/{project.pk}/images/{image.pk}/file",
    ]
    for address in addresses:
        served_as_a_picture(client.get(address), "image/png")


def served_as_a_picture(answer: Any, kind: str) -> None:
    assert answer.status_code == 200
    assert answer["Content-Type"] == kind
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"] == f'inline; filename="picture.{kind.removeprefix("image/")}"'
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "private" in answer["Cache-Control"]
    Pillow.open(io.BytesIO(answer.content)).verify()


def test_what_is_downloaded_is_saved_and_never_shown(client: Client, project: Project) -> None:
    add_images(project, ["123"] * 20)
    export = create_export(project=project, user=project.created_by, format="table")
    export.file.save("table.csv", ContentFile(b"<script>alert(1)</script>"))
    Export.objects.filter(pk=export.pk).update(state=JobState.DONE)
    run = add_run(project)
    model = add_model(run)
    addresses = [
        reverse("labeling:export_file", args=[project.pk, export.pk]),
        reverse("training:download_model", args=[project.pk, model.pk, "onnx"]),
        reverse("training:run_history_csv", args=[project.pk, run.number]),
        f"/api/v1/projects/{project.pk}/exports/{export.pk}/file",
        f"/api/v1/projects/{project.pk}/models/{model.pk}/files/onnx",
    ]
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert answer["Content-Disposition"].startswith("attachment; filename="), address
        assert answer["X-Content-Type-Options"] == "nosniff", address
        assert not answer["Content-Type"].startswith("text/html"), address


@pytest.mark.parametrize(
    "name",
    ["../../../evil.png", "/etc/evil.png", "..\\..\\evil.png", "a/../../evil.png", "evil.png\x00.html"],
)
def test_the_name_of_an_upload_leads_nowhere(
    client: Client, project: Project, tmp_path: Path, name: str
) -> None:
    wish = {"label_source": "none"}
    batch = client.post(reverse("labeling:import_create", args=[project.pk]), wish).json()
    file = SimpleUploadedFile("evil.png", png("123"))
    client.post(batch["upload_url"], {"names": [name], "files": [file]})
    client.post(batch["start_url"])
    run_import(batch["id"])
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert all(path.is_relative_to(tmp_path / "media" / "projects") for path in written)
    assert not any("evil" in str(path) for path in written)


def test_a_picture_of_too_many_pixels_is_refused_by_its_header(project: Project) -> None:
    file = io.BytesIO()
    Pillow.new("1", (20_000, 20_000)).save(file, "PNG")
    outcome, message = import_file(project, "123.png", file.getvalue())
    assert outcome == Outcome.REJECTED
    assert "far more pixels" in message


def test_a_drawn_picture_still_comes_in(project: Project) -> None:
    """What refuses everything would pass all of the above."""
    file = io.BytesIO()
    Pillow.fromarray(draw("123")).save(file, "WEBP")
    assert import_file(project, "123.png", file.getvalue())[0] != Outcome.REJECTED
