"""The preview of augmentation on the Train page."""

import base64
import io
import re
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image as Pillow

from labeling.models import Member, Project, Role
from tests.factories import add_images, make_project, make_user, texts
from training.services.augmentation_preview import IMAGES, VERSIONS

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    owner = make_user()
    client.force_login(owner)
    project = make_project(owner)
    add_images(project, texts(12))
    return project


def preview(client: Client, project: Project, architecture: str = "slots", **typed: str) -> Any:
    fields = {f"{architecture}-{name}": value for name, value in typed.items()}
    address = reverse("training:augmentation_preview", args=[project.pk])
    return client.post(address, {"architecture": architecture, **fields})


def page(answer: Any) -> str:
    return str(answer.content.decode())


def pictures(answer: Any) -> list[np.ndarray]:
    encoded = re.findall(r'src="data:image/png;base64,([^"]+)"', page(answer))
    return [np.asarray(Pillow.open(io.BytesIO(base64.b64decode(one)))) for one in encoded]


def test_each_image_is_shown_unchanged_and_in_several_versions(client: Client, project: Project) -> None:
    answer = preview(client, project, height="32", width_per_character="20")
    assert answer.status_code == 200
    shown = pictures(answer)
    assert {one.shape for one in shown} == {(32, 60)}
    assert len(shown) == IMAGES * (1 + VERSIONS)
    assert not any(np.array_equal(shown[0], version) for version in shown[1 : 1 + VERSIONS])


def test_an_architecture_that_reads_slices_shows_its_slices(client: Client, project: Project) -> None:
    answer = preview(client, project, "letter_cnn")
    shown = pictures(answer)
    assert {one.shape for one in shown} == {(60, 60)}
    assert len(shown) == 3 * IMAGES * (1 + VERSIONS)
    assert "sees each slice at 60 by 60 pixels in grey" in page(answer)


def test_where_all_augmentation_is_0_nothing_changes_and_the_panel_says_so(
    client: Client, project: Project
) -> None:
    answer = preview(client, project, "letter_cnn")
    shown = pictures(answer)
    assert np.array_equal(shown[0], shown[3])
    assert "All augmentation is 0" in page(answer)


def test_each_preview_is_drawn_anew_from_the_same_images(client: Client, project: Project) -> None:
    first, second = (pictures(preview(client, project)) for _ in range(2))
    assert np.array_equal(first[0], second[0])
    assert not np.array_equal(first[1], second[1])


def test_what_is_typed_in_counts_and_an_empty_field_means_the_default(
    client: Client, project: Project
) -> None:
    nothing = dict.fromkeys(("shift", "rotation", "scale", "shear", "warp", "brightness", "noise"), "0")
    assert "All augmentation is 0" in page(preview(client, project, **nothing))
    assert "All augmentation is 0" not in page(preview(client, project, **(nothing | {"shift": ""})))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"blur": "5"}, "Blur: 5 is outside 0 to 0.1."),
        ({"rotation": "much"}, "Rotation: &#x27;much&#x27; is not a number."),
        ({"height": "20.5"}, "Height: &#x27;20.5&#x27; is not a whole number."),
    ],
)
def test_a_hyper_parameter_out_of_range_is_said_in_a_sentence(
    client: Client, project: Project, typed: dict[str, str], sentence: str
) -> None:
    answer = preview(client, project, **typed)
    assert sentence in page(answer)
    assert not pictures(answer)


def test_no_and_unknown_architectures_are_said_in_a_sentence(client: Client, project: Project) -> None:
    assert "There is no architecture" in page(preview(client, project, "huge"))


def test_an_architecture_that_cannot_read_the_project_says_why(client: Client) -> None:
    owner = make_user("range")
    client.force_login(owner)
    assert "needs a fixed length" in page(
        preview(client, make_project(owner, "range", min_length=2, max_length=4), "tiny_vgg")
    )


def test_without_labelled_images_the_panel_says_what_to_do(client: Client) -> None:
    owner = make_user("new")
    client.force_login(owner)
    project = make_project(owner, "new")
    add_images(project, texts(3), labelled=False)
    answer = page(preview(client, project))
    assert "No labelled image to show yet" in answer
    assert reverse("labeling:label", args=[project.pk]) in answer


def test_an_image_whose_file_is_gone_says_so_and_the_others_are_shown(
    client: Client, project: Project
) -> None:
    gone = project.images.order_by("sha256")[0]
    gone.file.storage.delete(gone.file.name)
    answer = preview(client, project)
    assert f"“{gone.name}” cannot be shown" in page(answer)
    assert len(pictures(answer)) == (IMAGES - 1) * (1 + VERSIONS)


def test_large_inputs_show_fewer_images(client: Client, project: Project) -> None:
    answer = preview(client, project, height="256", width_per_character="128")
    assert len(pictures(answer)) < IMAGES * (1 + VERSIONS)


def test_a_preview_asks_the_same_number_of_queries_for_any_number_of_images(
    client: Client, project: Project, django_assert_num_queries: Any
) -> None:
    for more in (0, 20):
        add_images(project, texts(more, seed=1), seed=100)
        with django_assert_num_queries(5):
            preview(client, project)


def test_those_who_may_not_train_get_no_preview(client: Client, project: Project) -> None:
    viewer, stranger = make_user("viewer"), make_user("stranger")
    Member.objects.create(project=project, user=viewer, role=Role.VIEWER)
    client.force_login(viewer)
    assert preview(client, project).status_code == 403
    client.force_login(stranger)
    assert preview(client, project).status_code == 404
    client.logout()
    assert preview(client, project).status_code == 302


def test_the_form_groups_hyper_parameters_and_offers_the_preview(client: Client, project: Project) -> None:
    answer = client.get(reverse("training:runs", args=[project.pk]))
    slots = next(one for one in answer.context["architectures"] if one.architecture.name == "slots")
    names = {group.title: {field.name for field in group.fields} for group in slots.groups}
    assert "slots-height" in names["Architecture"]
    assert "slots-learning_rate" in names["Training"]
    assert {"slots-shift", "slots-blur", "slots-jitter"} <= names["Augmentation"]
    assert reverse("training:augmentation_preview", args=[project.pk]) in page(answer)
    assert "default 0.05." in page(answer)


def test_a_forest_has_neither_budget_nor_augmentation_in_the_form(client: Client, project: Project) -> None:
    answer = client.get(reverse("training:runs", args=[project.pk]))
    groups = {
        one.architecture.name: [group.title for group in one.groups]
        for one in answer.context["architectures"]
    }
    assert groups["random_forest"] == ["Architecture", "Training"]
    assert groups["slots"] == ["Architecture", "Training", "Augmentation"]
    assert "random_forest" not in answer.context["form"].networks.split()


def test_the_preview_of_a_forest_says_that_it_learns_from_images_as_they_are(
    client: Client, project: Project
) -> None:
    assert "learns from the images as they are" in page(preview(client, project, "random_forest"))
