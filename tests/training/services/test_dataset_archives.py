"""A dataset as one zip: imported into an empty project it is the same dataset."""

import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labeling.errors import Refused
from labeling.models import Annotation, Image, Project
from labeling.services.annotations import annotate
from labeling.services.exports import create_export
from tests.factories import add_images, make_project, make_user, texts
from tests.labeling.services.test_exports import exported
from tests.labeling.services.test_imports import import_files, zipped
from training.models import DatasetVersion, Split
from training.services.datasets import freeze_dataset

pytestmark = pytest.mark.django_db
ALPHABET = "aAb1/%.\"'_é"


def make_source(count: int = 30, **changes: Any) -> Project:
    project = make_project(name="source", **changes)
    add_images(project, texts(count))
    return project


def imported(name: str, data: bytes, project: Project, **changes: Any) -> Project:
    """Import an archive into a new project that is like another one."""
    wish = {
        "alphabet": project.alphabet,
        "min_length": project.min_length,
        "max_length": project.max_length,
        "case_sensitive": project.case_sensitive,
    }
    target = make_project(name=f"target {Project.objects.count()}", **(wish | changes))
    batch = import_files(target, {name: data}, "csv")
    assert batch.rejected == batch.without_label == 0
    return target


@given(
    st.lists(
        st.tuples(st.text(alphabet=ALPHABET, min_size=1, max_size=5), st.sampled_from(["", *Split.values])),
        min_size=10,
        max_size=25,
    )
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_exported_dataset_has_the_same_hash_after_its_import(
    transactional: None, wanted: list[tuple[str, str]]
) -> None:
    project = make_project(
        name=f"source {Project.objects.count()}",
        alphabet=ALPHABET,
        min_length=1,
        max_length=5,
        case_sensitive=True,
    )
    images = add_images(project, [text for text, _ in wanted])
    for image, (_, split) in zip(images, wanted, strict=True):
        image.pinned_split = split
    Image.objects.bulk_update(images, ["pinned_split"])
    name, data = exported(project, "dataset")
    target = imported(name, data, project)
    assert freeze_dataset(project=target).hash == freeze_dataset(project=project).hash


@pytest.fixture
def transactional(db: None) -> None:
    """Examples share the test's transaction; each has projects of its own."""


def test_the_split_stays_when_images_are_added_to_the_imported_dataset() -> None:
    project = make_source()
    before = dict(freeze_dataset(project=project).items.values_list("image__sha256", "split"))
    target = imported(*exported(project, "dataset"), project)
    add_images(target, texts(40, seed=5), seed=900)
    after = dict(freeze_dataset(project=target).items.values_list("image__sha256", "split"))
    assert len(after) == 70
    assert before.items() <= after.items()


def test_an_earlier_version_can_be_exported_with_the_texts_of_its_time() -> None:
    project = make_source()
    first = freeze_dataset(project=project)
    annotate(image=project.images.order_by("id")[0], user=make_user("mia"), text="999")
    second = freeze_dataset(project=project)
    assert first.hash != second.hash
    target = imported(*exported(project, "dataset", dataset=str(first.number)), project)
    assert freeze_dataset(project=target).hash == first.hash


def test_the_manifest_says_what_is_in_the_archive_and_nobodys_name() -> None:
    project = make_source(12)
    annotate(image=project.images.order_by("id")[0], user=make_user("mia"), text="999")
    _, data = exported(project, "dataset")
    archive = zipfile.ZipFile(io.BytesIO(data))
    manifest = json.loads(archive.read("manifest.json"))
    dataset = DatasetVersion.objects.get()
    assert manifest["dataset_hash"] == dataset.hash
    assert manifest["format_version"] == 1
    assert manifest["project"]["alphabet"] == project.alphabet
    assert sum(manifest["counts"].values()) == len(manifest["images"]) == 12
    first = manifest["images"][0]
    assert set(first) == {"file", "name", "sha256", "text", "split"}
    assert {entry["file"] for entry in manifest["images"]} == set(archive.namelist()) - {"manifest.json"}
    assert b"mia" not in data


def test_annotators_are_in_the_manifest_if_asked_for_and_come_back_as_notes() -> None:
    project = make_source(12)
    annotate(image=project.images.order_by("id")[0], user=make_user("mia"), text="999")
    name, data = exported(project, "dataset", annotators=True)
    target = imported(name, data, project)
    assert freeze_dataset(project=target).hash == freeze_dataset(project=project).hash
    [mine] = Annotation.objects.filter(image__project=target, annotator_name="mia")
    assert mine.text == "999"


def test_images_get_their_former_names_back() -> None:
    project = make_source(12)
    target = imported(*exported(project, "dataset"), project)
    names = [set(one.images.values_list("name", flat=True)) for one in (project, target)]
    assert names[0] == names[1]


def test_a_split_can_be_left_behind() -> None:
    project = make_source()
    Image.objects.update(pinned_split="train")
    name, data = exported(project, "dataset")
    target = make_project(name="target")
    import_files(target, {name: data}, "csv", keep_splits=False)
    assert not target.images.exclude(pinned_split="").exists()


def test_a_picture_that_is_not_the_one_in_the_manifest_comes_in_without_its_text() -> None:
    project = make_source(12)
    _, data = exported(project, "dataset")
    archive = zipfile.ZipFile(io.BytesIO(data))
    files = {name: archive.read(name) for name in archive.namelist()}
    first, second = [name for name in files if name != "manifest.json"][:2]
    files[first], files[second] = files[second], files[first]
    target = make_project(name="target")
    batch = import_files(target, {"dataset.zip": zipped(files)}, "csv")
    assert (batch.added, batch.without_label) == (10, 2)


def test_texts_that_do_not_fit_the_importing_project_are_told_one_by_one() -> None:
    project = make_source(12)
    name, data = exported(project, "dataset")
    target = make_project(name="target", alphabet="01234")
    batch = import_files(target, {name: data}, "csv")
    assert batch.without_label > 0
    assert batch.added + batch.without_label == 12


def test_too_few_labels_and_an_unknown_version_are_refused() -> None:
    project = make_source(3)
    with pytest.raises(Refused, match="3 images have a text; a dataset has at least 10"):
        create_export(project=project, user=None, format="dataset")
    with pytest.raises(Refused, match="“dataset” does not work"):
        create_export(project=project, user=None, format="dataset", options={"dataset": "7"})
