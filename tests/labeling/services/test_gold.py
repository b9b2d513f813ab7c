import pytest

from labeling.errors import Refused
from labeling.models import AuditEntry, Doubt, Image
from labeling.services.annotations import annotate, withdraw
from labeling.services.audit import Action
from labeling.services.gold import set_gold
from tests.factories import add_images, make_project, make_user

pytestmark = pytest.mark.django_db


def test_a_labelled_image_becomes_gold_and_the_trail_says_who_chose_it() -> None:
    [image] = add_images(make_project(), ["123"])
    user = make_user()
    assert set_gold(image=image, user=user, is_gold=True).is_check
    set_gold(image=image, user=user, is_gold=True)
    entry = AuditEntry.objects.get(action=Action.GOLD_SET)
    assert (entry.user, entry.target) == (user, image.name)
    assert not set_gold(image=image, user=user, is_gold=False).is_check
    assert AuditEntry.objects.filter(action=Action.GOLD_SET).count() == 2


def test_an_image_without_a_text_cannot_be_gold() -> None:
    [image] = add_images(make_project(), ["123"], labelled=False)
    with pytest.raises(Refused, match="no agreed text yet"):
        set_gold(image=image, user=make_user(), is_gold=True)


def test_a_gold_image_is_beyond_doubt() -> None:
    [image] = add_images(make_project(), ["123"])
    Doubt.objects.create(image=image, text="124", confidence=0.99, model_number=1)
    set_gold(image=image, user=make_user(), is_gold=True)
    assert not Doubt.objects.exists()


def test_a_gold_image_that_lost_its_text_checks_nobody() -> None:
    user = make_user()
    [image] = add_images(make_project(), ["123"], labelled=False)
    annotation = annotate(image=image, user=user, text="123")
    set_gold(image=image, user=user, is_gold=True)
    withdraw(annotation=annotation, user=user)
    assert not Image.objects.get(pk=image.pk).is_check
