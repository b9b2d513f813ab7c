import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.errors import Refused
from labeling.models import Project
from labeling.services.annotations import annotate
from tests.factories import add_images, make_project, texts
from training.models import Split
from training.services.datasets import (
    Labelled,
    assign_splits,
    dataset_hash,
    freeze_dataset,
    split_outlook,
)


def labelled(
    number: int, text: str | None = None, fingerprint: bytes | None = None, pinned_split: str = ""
) -> Labelled:
    digest = hashlib.sha256(str(number).encode())
    return Labelled(
        pk=number,
        sha256=digest.hexdigest(),
        text=text or f"{number:05d}",
        fingerprint=fingerprint or digest.digest() * 4,
        pinned_split=pinned_split,
    )


@given(st.integers(3, 400))
def test_no_split_is_empty(count: int) -> None:
    splits = assign_splits([labelled(number) for number in range(count)])
    assert set(splits.values()) == set(Split)


@given(st.lists(st.sampled_from(["", *Split.values]), min_size=10, max_size=60))
def test_images_that_came_with_a_split_keep_it(pins: list[str]) -> None:
    splits = assign_splits([labelled(number, pinned_split=pin) for number, pin in enumerate(pins)])
    for number, pin in enumerate(pins):
        # Only training images make room, where another split would be empty.
        assert splits[number] == pin or pin in ("", Split.TRAIN)


def test_near_duplicates_follow_the_one_that_came_with_a_split() -> None:
    images = [labelled(number, "same", bytes(128), pin) for number, pin in enumerate(["", "test", "", ""])]
    splits = assign_splits([*images, *(labelled(number) for number in range(10, 60))])
    assert {splits[number] for number in range(4)} == {Split.TEST}


def test_a_folder_for_training_alone_still_leaves_images_to_test_on() -> None:
    splits = assign_splits([labelled(number, pinned_split="train") for number in range(50)])
    assert set(splits.values()) == set(Split)


def test_the_shares_are_about_80_10_10() -> None:
    splits = list(assign_splits([labelled(number) for number in range(5000)]).values())
    assert abs(splits.count(Split.TEST) / 5000 - 0.1) < 0.015
    assert abs(splits.count(Split.VALIDATION) / 5000 - 0.1) < 0.015


@given(st.integers(200, 300), st.integers(0, 200))
def test_an_image_stays_in_its_split_when_others_come(count: int, more: int) -> None:
    before = assign_splits([labelled(number) for number in range(count)])
    after = assign_splits([labelled(number) for number in range(count + more)])
    assert all(after[number] == split for number, split in before.items())


def test_near_duplicates_share_a_split() -> None:
    pairs = []
    for number in range(200):
        base = hashlib.sha256(f"x{number}".encode()).digest() * 4
        almost = bytes([base[0] ^ 1]) + base[1:]
        pairs += [labelled(2 * number, "same", base), labelled(2 * number + 1, "same", almost)]
    splits = assign_splits(pairs)
    assert all(splits[2 * number] == splits[2 * number + 1] for number in range(200))


def test_the_hash_does_not_depend_on_the_order() -> None:
    items = [("a" * 64, "1", "train"), ("b" * 64, "2", "test")]
    assert dataset_hash(items) == dataset_hash(reversed(items))
    assert dataset_hash(items) != dataset_hash(items[:1])


@pytest.mark.django_db
def test_freezing_the_same_labels_gives_the_same_version() -> None:
    project = make_project()
    images = add_images(project, texts(30))
    first = freeze_dataset(project=project)
    assert freeze_dataset(project=project) == first
    annotate(image=images[0], user=project.created_by, text="999")
    second = freeze_dataset(project=project)
    assert (second.number, second.item_count) == (2, 30)
    assert first.items.get(image=images[0]).text == texts(30)[0]


@pytest.mark.django_db
def test_too_few_labels_are_refused_with_a_number() -> None:
    project = make_project()
    add_images(project, texts(3))
    with pytest.raises(Refused, match="3 labelled images"):
        freeze_dataset(project=project)


@pytest.mark.django_db
def test_the_outlook_counts_images_that_came_with_a_split() -> None:
    project = make_project()
    add_images(project, texts(30))
    for image in project.images.all()[:10]:
        image.pinned_split = "test"
        image.save()
    outlook = split_outlook(Project.objects.get())
    assert (outlook.train, outlook.validation, outlook.test) == (16, 2, 12)
