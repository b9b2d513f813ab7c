"""Counting how far people agree."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.agreement import agreement
from labeling.intervals import Share

ADA, BOB, EVE = 1, 2, 3


def test_images_on_which_all_agree_are_counted() -> None:
    figures = agreement([({ADA: "123", BOB: "123"}, "123"), ({ADA: "456", BOB: "457"}, None)])
    assert figures.images == Share(1, 2)


def test_every_pair_of_readings_is_compared() -> None:
    figures = agreement([({ADA: "123", BOB: "123", EVE: "124"}, None)])
    assert figures.readings == Share(1, 3)
    assert [one.readings for one in figures.people] == [Share(1, 2), Share(1, 2), Share(0, 2)]


def test_people_whom_files_name_come_after_the_others() -> None:
    figures = agreement([({"zoe": "123", BOB: "123", "1": "124", ADA: "123"}, None)])
    assert [one.person for one in figures.people] == [ADA, BOB, "1", "zoe"]
    assert figures.readings == Share(3, 6)


def test_what_one_person_alone_read_says_nothing() -> None:
    figures = agreement([({ADA: "123"}, "123")])
    assert figures.images.n == 0
    assert figures.people == []
    assert figures.kappa is None


def test_a_person_is_measured_by_the_agreed_text_where_there_is_one() -> None:
    images = [({ADA: "123", BOB: "124"}, "123"), ({ADA: "456", BOB: "457"}, None)]
    ada, bob = agreement(images).people
    assert (ada.settled, bob.settled) == (Share(1, 1), Share(0, 1))


def test_to_find_an_image_unreadable_is_a_reading_like_any_other() -> None:
    ada, bob = agreement([({ADA: "", BOB: "123"}, "")]).people
    assert (ada.settled, bob.settled) == (Share(1, 1), Share(0, 1))
    assert ada.readings == Share(0, 1)


def test_characters_taken_for_each_other_are_counted_among_those_with_either() -> None:
    images = [({ADA: "0O", BOB: "00"}, None), ({ADA: "0A", BOB: "0A"}, None)]
    [pair] = agreement(images).character_pairs
    # Four comparisons of characters; the one of two As has neither 0 nor O.
    assert (pair.first, pair.second, pair.share) == ("0", "O", Share(1, 3))


def test_texts_of_different_lengths_are_compared_as_a_whole_only() -> None:
    figures = agreement([({ADA: "123", BOB: "12"}, None)])
    assert figures.readings == Share(0, 1)
    assert figures.character_pairs == []


def test_the_most_frequent_confusion_comes_first() -> None:
    images = [({ADA: "1", BOB: "7"}, None), ({ADA: "O", BOB: "0"}, None), ({ADA: "0", BOB: "O"}, None)]
    pairs = agreement(images).character_pairs
    assert [(pair.first, pair.second, pair.share.count) for pair in pairs] == [("0", "O", 2), ("1", "7", 1)]


def test_kappa_is_1_for_people_who_always_agree() -> None:
    assert agreement([({ADA: "123", BOB: "123"}, None)]).kappa == pytest.approx(1)


def test_kappa_is_0_for_agreement_by_chance() -> None:
    images = [({ADA: first, BOB: second}, None) for first in "12" for second in "12"]
    ada, _ = agreement(images).people
    assert ada.kappa == pytest.approx(0)


def test_kappa_of_a_known_table() -> None:
    # Fleiss, Levin and Paik, "Statistical Methods for Rates and Proportions", table 18.1: kappa = 0.676.
    counts = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]
    pairs = [("abc"[i], "abc"[j]) for i in range(3) for j in range(3) for _ in range(counts[i][j])]
    ada, _ = agreement([({ADA: one, BOB: other}, None) for one, other in pairs]).people
    assert ada.kappa == pytest.approx(0.676, abs=5e-4)


def test_one_single_character_has_no_kappa() -> None:
    assert agreement([({ADA: "11", BOB: "11"}, None)]).kappa is None


texts = st.text("01O", max_size=3)
readings = st.dictionaries(st.sampled_from([ADA, BOB, EVE]), texts, min_size=1)


@settings(deadline=None)
@given(st.lists(st.tuples(readings, st.none() | texts), max_size=12))
def test_figures_hold_together_for_any_readings(images: list[tuple[dict[int, str], str | None]]) -> None:
    figures = agreement(images)
    pairs = [pair for one, _ in images for pair in combinations(one.values(), 2)]
    assert figures.readings == Share(sum(a == b for a, b in pairs), len(pairs))
    assert figures.images.n == sum(len(one) > 1 for one, _ in images)
    assert all(0 < pair.share.count <= pair.share.n for pair in figures.character_pairs)
    assert all(one.kappa is None or -1 <= one.kappa <= 1 + 1e-9 for one in figures.people)
