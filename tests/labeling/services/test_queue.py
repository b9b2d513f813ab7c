"""The queue: who is handed which image, in which order, for how long, and what is a check."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from labeling.models import Annotation, Image, Lease, Project, QueueOrder
from labeling.services.annotations import annotate, submit
from labeling.services.gold import set_gold
from labeling.services.queue import hold, lease_images, live_leases, return_leases
from tests.factories import add_images, make_project, make_user, texts

pytestmark = pytest.mark.django_db


def ids(images: list[Image]) -> set[int]:
    return {image.pk for image in images}


def run_out(**which: Any) -> None:
    Lease.objects.filter(**which).update(expires_at=timezone.now() - timedelta(seconds=1))


def test_two_people_are_never_handed_the_same_image() -> None:
    project = make_project()
    add_images(project, texts(30), labelled=False)
    ada, bob = make_user("ada"), make_user("bob")
    first = lease_images(project=project, user=ada, count=20)
    second = lease_images(project=project, user=bob, count=20)
    assert (len(first), len(second)) == (20, 10)
    assert not ids(first) & ids(second)


def test_with_an_overlap_of_two_an_image_goes_to_two_people_and_no_third() -> None:
    project = make_project(overlap=2)
    add_images(project, texts(3), labelled=False)
    batches = [lease_images(project=project, user=make_user(name)) for name in ("ada", "bob", "eve")]
    assert [len(batch) for batch in batches] == [3, 3, 0]


def test_who_has_read_an_image_is_not_handed_it_again_while_it_waits_for_others() -> None:
    project = make_project(overlap=3)
    images = add_images(project, texts(3), labelled=False)
    ada, bob = make_user("ada"), make_user("bob")
    submit(image=images[0], user=ada, key=uuid4(), text="123")
    assert ids(lease_images(project=project, user=ada)) == ids(images[1:])
    assert ids(lease_images(project=project, user=bob)) == ids(images)


def test_those_who_read_and_those_who_hold_fill_the_overlap_together() -> None:
    project = make_project(overlap=2)
    [image] = add_images(project, ["123"], labelled=False)
    submit(image=image, user=make_user("ada"), key=uuid4(), text="123")
    assert lease_images(project=project, user=make_user("bob")) == [image]
    assert lease_images(project=project, user=make_user("eve")) == []


def test_a_reload_gives_the_same_images_again() -> None:
    project, user, page = make_project(), make_user(), uuid4()
    add_images(project, texts(30), labelled=False)
    first = lease_images(project=project, user=user, page=page)
    assert lease_images(project=project, user=user, page=page) == first


def test_two_tabs_of_one_person_hold_different_images() -> None:
    project, user = make_project(), make_user()
    add_images(project, texts(30), labelled=False)
    first = lease_images(project=project, user=user, page=uuid4())
    second = lease_images(project=project, user=user, page=uuid4())
    assert (len(first), len(second)) == (20, 10)
    assert not ids(first) & ids(second)


def test_what_a_closed_tab_holds_comes_last_so_that_nobody_waits_for_oneself() -> None:
    project, user = make_project(), make_user()
    images = add_images(project, texts(3), labelled=False)
    lease_images(project=project, user=user, page=uuid4())
    page = uuid4()
    assert ids(lease_images(project=project, user=user, page=page)) == ids(images)
    assert set(Lease.objects.values_list("page", flat=True)) == {page}


def test_the_next_batch_leaves_out_what_the_page_still_holds() -> None:
    project, user = make_project(), make_user()
    add_images(project, texts(30), labelled=False)
    held = [image.pk for image in lease_images(project=project, user=user)]
    assert len(lease_images(project=project, user=user, exclude=held)) == 10


def test_a_lease_that_ran_out_returns_to_the_queue_by_itself() -> None:
    project = make_project()
    add_images(project, texts(5), labelled=False)
    lease_images(project=project, user=make_user("ada"))
    assert lease_images(project=project, user=make_user("bob")) == []
    run_out()
    assert len(lease_images(project=project, user=make_user("eve"))) == 5


def test_asking_again_renews_what_the_page_holds() -> None:
    project, user = make_project(), make_user()
    images = add_images(project, texts(2), labelled=False)
    lease_images(project=project, user=user)
    almost = timezone.now() + timedelta(seconds=5)
    Lease.objects.update(expires_at=almost)
    lease_images(project=project, user=user, exclude=[images[0].pk])
    kept = Lease.objects.order_by("image").values_list("expires_at", flat=True)
    assert all(expires_at > almost for expires_at in kept)


def test_a_lease_that_ran_out_is_not_renewed_when_others_hold_the_image() -> None:
    project, ada, bob = make_project(), make_user("ada"), make_user("bob")
    [image] = add_images(project, ["123"], labelled=False)
    lease_images(project=project, user=ada)
    run_out(user=ada)
    assert lease_images(project=project, user=bob) == [image]
    assert lease_images(project=project, user=ada, exclude=[image.pk]) == []
    assert lease_images(project=project, user=ada) == []


def test_leases_that_ran_out_leave_no_rows_behind() -> None:
    project, user = make_project(), make_user()
    add_images(project, texts(5), labelled=False)
    lease_images(project=project, user=user, count=3)
    run_out()
    lease_images(project=project, user=user, count=1)
    assert Lease.objects.count() == 1


def test_labelled_images_are_not_handed_out() -> None:
    project, user = make_project(), make_user()
    images = add_images(project, texts(3), labelled=False)
    annotate(image=images[0], user=user, text="123")
    assert ids(lease_images(project=project, user=user)) == ids(images[1:])


def test_an_image_that_was_labelled_meanwhile_is_not_handed_out_again() -> None:
    project, ada = make_project(), make_user("ada")
    [image] = add_images(project, ["123"], labelled=False)
    lease_images(project=project, user=ada)
    annotate(image=image, user=make_user("bob"), text="123")
    assert lease_images(project=project, user=ada) == []


@pytest.mark.parametrize(
    ("order", "key"),
    [
        (QueueOrder.LEAST_SURE, lambda image: (image.confidence, image.pk)),
        (QueueOrder.RANDOM, lambda image: image.sha256),
        (QueueOrder.OLDEST, lambda image: image.pk),
    ],
)
def test_images_come_in_the_order_that_the_project_asks_for(order: QueueOrder, key: Any) -> None:
    project = make_project(queue_order=order)
    images = add_images(project, texts(12), labelled=False)
    for number, image in enumerate(images):
        image.confidence = (number * 7 % 12) / 12
    Image.objects.bulk_update(images, ["confidence"])
    assert lease_images(project=project, user=make_user()) == sorted(images, key=key)


def test_the_owner_sees_who_holds_what() -> None:
    project, ada, bob = make_project(), make_user("ada"), make_user("bob")
    images = add_images(project, texts(3), labelled=False)
    lease_images(project=project, user=ada, count=2)
    lease_images(project=project, user=bob, count=1)
    run_out(user=bob)
    assert [(lease.user, lease.image) for lease in live_leases(project)] == [
        (ada, images[0]),
        (ada, images[1]),
    ]


def test_returned_images_are_free_at_once() -> None:
    project, ada = make_project(), make_user("ada")
    add_images(project, texts(3), labelled=False)
    lease_images(project=project, user=ada)
    return_leases(project=project, user=ada)
    assert len(lease_images(project=project, user=make_user("bob"))) == 3


def test_holding_an_image_keeps_it_from_others() -> None:
    project, ada = make_project(), make_user("ada")
    [image] = add_images(project, ["123"], labelled=False)
    hold(image=image, user=ada)
    assert lease_images(project=project, user=make_user("bob")) == []


def test_a_batch_asks_the_same_number_of_queries_for_3_and_for_60_images(django_assert_num_queries) -> None:
    for name, count in (("few", 3), ("many", 60)):
        project, user = make_project(name=name, gold_share=0.5), make_user(name)
        add_images(project, texts(count), labelled=False)
        with_gold(project, 30)
        with django_assert_num_queries(9):
            lease_images(project=project, user=user, exclude=[1], page=uuid4())


def with_gold(project: Project, count: int) -> list[Image]:
    gold = add_images(project, texts(count), seed=1000)
    for image in gold:
        set_gold(image=image, user=project.created_by, is_gold=True)
    return gold


def test_a_share_of_the_images_are_checks_with_a_known_text() -> None:
    project, user = make_project(gold_share=0.5), make_user()
    add_images(project, texts(20), labelled=False)
    gold = with_gold(project, 12)
    batch = lease_images(project=project, user=user)
    assert len(ids(batch) & ids(gold)) == 10
    assert ids([lease.image for lease in Lease.objects.filter(is_check=True)]) == ids(batch) & ids(gold)


def test_a_reload_gives_the_same_checks_again() -> None:
    project, user, page = make_project(gold_share=0.5), make_user(), uuid4()
    add_images(project, texts(20), labelled=False)
    with_gold(project, 10)
    first = lease_images(project=project, user=user, page=page)
    assert ids(lease_images(project=project, user=user, page=page)) == ids(first)


def test_everybody_may_be_checked_on_the_same_image_at_once() -> None:
    project = make_project(gold_share=0.5)
    add_images(project, texts(4), labelled=False)
    [gold] = with_gold(project, 1)
    for name in ("ada", "bob"):
        assert gold in lease_images(project=project, user=make_user(name), count=2)


def test_checks_begin_with_images_that_one_was_never_checked_on_then_the_longest_ago() -> None:
    project, user = make_project(gold_share=0.5), make_user()
    add_images(project, texts(40), labelled=False)
    gold = {image.pk: image for image in with_gold(project, 3)}
    seen = []
    for _ in range(9):
        for image in lease_images(project=project, user=user, count=2, exclude=seen_unlabelled(user)):
            if image.pk in gold:
                seen.append(image.pk)
                submit(image=image, user=user, key=uuid4(), text="123")
    rounds = [seen[at : at + 3] for at in range(0, len(seen), 3)]
    assert len(set(rounds[0])) == 3
    assert all(one == rounds[0] for one in rounds[1:])


def seen_unlabelled(user: Any) -> list[int]:
    return list(Lease.objects.filter(user=user).values_list("image", flat=True))


def test_without_unlabelled_images_there_is_nothing_to_check_either() -> None:
    project = make_project(gold_share=0.5)
    with_gold(project, 3)
    assert lease_images(project=project, user=make_user()) == []


def test_a_check_changes_nothing_about_its_image() -> None:
    project, user = make_project(gold_share=0.5), make_user()
    [gold] = with_gold(project, 1)
    before = Image.objects.values().get(pk=gold.pk)
    submit(image=gold, user=user, key=uuid4(), text="999")
    assert Image.objects.values().get(pk=gold.pk) == before
    assert Annotation.objects.get(annotator=user).is_check
