"""Pace and accuracy of one person."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.intervals import Share
from labeling.models import Annotation, Image, Role
from labeling.models.annotations import AnnotationSource
from labeling.services.figures import gold_accuracy, pace, pace_of
from tests.factories import add_images, make_member, make_project

START = datetime(2026, 1, 1, 9, tzinfo=UTC)


def after(*seconds: float) -> list[tuple[datetime, int | None]]:
    return [(START + timedelta(seconds=one), None) for one in seconds]


def test_images_per_hour_count_the_time_between_annotations() -> None:
    assert pace(after(0, 2, 4, 6)).per_hour == pytest.approx(1800)


def test_a_pause_is_no_work() -> None:
    assert pace(after(0, 2, 4, 4 + 3600, 4 + 3602)).per_hour == pytest.approx(1800)


def test_one_annotation_has_no_pace() -> None:
    assert pace(after(0)).per_hour is None
    assert pace([]).median is None


def test_seconds_per_image_are_told_by_median_and_ninetieth_percentile() -> None:
    # One image that a person left open over lunch moves neither far.
    taken = [(START, 1000 * seconds) for seconds in [*range(1, 11), 3600]]
    figures = pace(taken)
    assert (figures.median, figures.nearly_all) == (pytest.approx(6), pytest.approx(10))


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1e6), st.none() | st.integers(0, 10**7)), max_size=30))
def test_the_order_of_annotations_does_not_matter(made: list[tuple[float, int | None]]) -> None:
    annotations = [(START + timedelta(seconds=seconds), taken) for seconds, taken in made]
    assert pace(annotations) == pace(annotations[::-1])


@pytest.mark.django_db
def test_what_a_person_withdrew_or_reviewed_is_not_part_of_the_pace() -> None:
    project = make_project()
    ada = make_member(project, Role.ANNOTATOR)
    [image] = add_images(project, ["123"], labelled=False)
    made = [
        Annotation(image=image, annotator=ada, text="123"),
        Annotation(image=image, annotator=ada, text="124", withdrawn_at=START),
        Annotation(image=image, annotator=ada, text="125", source=AnnotationSource.REVIEW),
    ]
    Annotation.objects.bulk_create(made)
    assert pace_of(project, ada).images == 1


@pytest.mark.django_db
def test_accuracy_on_gold_images_compares_checks_with_the_known_text() -> None:
    project = make_project()
    ada = make_member(project, Role.ANNOTATOR)
    right, wrong, other = add_images(project, ["123", "456", "789"])
    Image.objects.filter(pk__in=[right.pk, wrong.pk]).update(is_gold=True)
    made = [
        Annotation(image=right, annotator=ada, text="123", is_check=True),
        Annotation(image=wrong, annotator=ada, text="465", is_check=True),
        # An extra reading of an image that others have settled is no check.
        Annotation(image=other, annotator=ada, text="987", is_check=True),
    ]
    Annotation.objects.bulk_create(made)
    assert gold_accuracy(project, ada) == Share(1, 2)
