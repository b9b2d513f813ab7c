"""Single characters in folders: cut from labelled images, and imported as images of their own."""

import io
import zipfile
from collections import Counter

import pytest

from labeling.errors import Refused
from labeling.imaging.decode import decode_image
from labeling.imaging.recipe import Recipe
from labeling.imaging.slicing import EqualParts, WholePicture
from labeling.imaging.steps import Channel
from labeling.models import Export, Image, Project, Suggestion
from labeling.services.exports import create_export
from labeling.services.preparations import save_preparation
from tests.factories import add_images, make_project, texts
from tests.labeling.services.test_exports import exported
from tests.labeling.services.test_imports import import_files
from training.services.datasets import splits_of_labelled

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    project = make_project()
    add_images(project, texts(20))
    save_preparation(project=project, user=None, recipe=Recipe((Channel("grey"),), EqualParts()))
    return project


def test_every_character_is_a_picture_in_the_folder_of_its_split_and_character(project: Project) -> None:
    _, data = exported(project, "folders")
    archive = zipfile.ZipFile(io.BytesIO(data))
    found = Counter(tuple(name.split("/")[:2]) for name in archive.namelist())
    splits = splits_of_labelled(project)
    wanted = Counter(
        (str(splits[image.pk]), character) for image in project.images.all() for character in image.text
    )
    assert found == wanted
    picture = decode_image(archive.read(archive.namelist()[0]))
    assert (picture.width, picture.height) == (24, 32)


def test_they_come_back_as_images_of_one_character_in_their_split(project: Project) -> None:
    name, data = exported(project, "folders")
    target = make_project(name="characters", min_length=1, max_length=1)
    batch = import_files(target, {name: data}, "folder")
    assert batch.rejected == batch.without_label == 0
    # Two characters may be the same picture to the last bit.
    assert batch.added + batch.duplicates == 60
    archive = zipfile.ZipFile(io.BytesIO(data))
    by_split = Counter(name.split("/")[0] for name in archive.namelist())
    assert set(target.images.values_list("pinned_split", flat=True)) == set(by_split)


def test_both_cases_of_a_letter_come_back_as_themselves() -> None:
    project = make_project(alphabet="aA.", min_length=2, max_length=2, case_sensitive=True)
    add_images(project, ["aA", "Aa", "a."])
    save_preparation(project=project, user=None, recipe=Recipe((Channel("grey"),), EqualParts()))
    name, data = exported(project, "folders")
    target = make_project(name="target", alphabet="aA.", min_length=1, max_length=1, case_sensitive=True)
    import_files(target, {name: data}, "folder")
    assert set(Image.objects.filter(project=target).values_list("text", flat=True)) == {"a", "A", "."}


def test_the_production_models_edges_can_cut_instead(project: Project) -> None:
    for image in project.images.order_by("id")[:5]:
        Suggestion.objects.create(image=image, text=image.text, confidence=0.9, characters=[], model_number=1)
    odd = project.images.order_by("id")[5]
    Suggestion.objects.create(image=odd, text="12", confidence=0.9, characters=[], model_number=1)
    _, data = exported(project, "folders", cuts="suggestions")
    assert len(zipfile.ZipFile(io.BytesIO(data)).namelist()) == 15
    assert Export.objects.get().note.startswith("1 of 6 images were left out")


def test_a_preparation_that_keeps_pictures_whole_cuts_nothing() -> None:
    project = make_project()
    add_images(project, ["123"])
    save_preparation(project=project, user=None, recipe=Recipe((Channel("grey"),), WholePicture()))
    with pytest.raises(Refused, match="does not cut pictures into characters"):
        create_export(project=project, user=None, format="folders")


def test_without_suggestions_there_is_nothing_to_cut_by(project: Project) -> None:
    with pytest.raises(Refused, match="No labelled image has a suggestion"):
        create_export(project=project, user=None, format="folders", options={"cuts": "suggestions"})
