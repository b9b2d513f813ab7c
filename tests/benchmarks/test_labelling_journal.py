"""Whether the journal of a crowd would tell what a server does wrong."""

from dataclasses import replace

import pytest

from benchmarks.labelling.journal import Journal, Row, Turn, faults, figures, text_of

IMAGES = (11, 12, 13, 14)


def turn(annotator: int, image: int, **changes: object) -> Turn:
    base = Turn(annotator, image, f"{annotator}/{image}", True, started=float(image), submit=0.02, next=0.01)
    return replace(base, **changes)


def row(annotator: int, image: int, **changes: object) -> Row:
    base = Row(f"{annotator}/{image}", image, annotator, text_of(image), is_check=False)
    return replace(base, **changes)


@pytest.fixture
def journal() -> Journal:
    """Two people who each read all images."""
    turns = [turn(annotator, image) for annotator in range(2) for image in IMAGES]
    return Journal(turns, {annotator: list(IMAGES) for annotator in range(2)})


@pytest.fixture
def rows() -> list[Row]:
    """What a database has when all is right."""
    return [row(annotator, image) for annotator in range(2) for image in IMAGES]


def found(journal: Journal, rows: list[Row], overlap: int = 2) -> dict[str, int]:
    """The faults that are not 0."""
    return {name: count for name, count in faults(journal, rows, overlap=overlap).items() if count}


def test_nothing_is_wrong_where_all_is_right(journal: Journal, rows: list[Row]) -> None:
    assert found(journal, rows) == {}


def test_a_lost_annotation_is_found(journal: Journal, rows: list[Row]) -> None:
    assert found(journal, rows[1:]) == {"annotations_lost": 1}


def test_what_was_never_said_to_be_saved_is_not_lost_but_refused(journal: Journal, rows: list[Row]) -> None:
    journal.turns[0] = turn(0, 11, is_saved=False)
    assert found(journal, rows[1:]) == {"texts_refused": 1}


def test_an_annotation_that_is_there_twice_is_found(journal: Journal, rows: list[Row]) -> None:
    assert found(journal, [*rows, rows[0]])["annotations_doubled"] == 1


def test_a_text_that_was_saved_again_under_another_key_is_found(journal: Journal, rows: list[Row]) -> None:
    again = row(0, 11, key="another")
    assert found(journal, [*rows, again]) == {
        "annotations_of_nobody": 1,
        "readings_beyond_overlap": 1,
        "readings_by_one_person_again": 1,
    }


@pytest.mark.parametrize("change", [{"text": "9999"}, {"image": 12}])
def test_an_annotation_that_says_something_else_is_found(
    journal: Journal, rows: list[Row], change: dict[str, object]
) -> None:
    changed = [replace(row(0, 11), **change), *rows[1:]]
    assert found(journal, changed)["annotations_changed"] == 1


def test_an_image_that_was_given_to_too_many_people_is_found(journal: Journal, rows: list[Row]) -> None:
    journal.handed[2] = [12]
    assert found(journal, rows) == {"images_handed_out_beyond_overlap": 1}


def test_an_image_that_was_given_to_one_person_twice_is_found(journal: Journal, rows: list[Row]) -> None:
    journal.handed[1].append(12)
    assert found(journal, rows) == {"images_handed_to_one_person_again": 1}


def test_an_image_that_was_read_by_too_many_people_is_found(journal: Journal, rows: list[Row]) -> None:
    journal.turns.append(turn(2, 13))
    assert found(journal, [*rows, row(2, 13)]) == {"readings_beyond_overlap": 1}


def test_a_reading_that_came_too_late_is_found(journal: Journal, rows: list[Row]) -> None:
    assert found(journal, [row(0, 11, is_check=True), *rows[1:]]) == {"readings_that_came_too_late": 1}


def test_a_request_that_the_server_failed_at_is_found(journal: Journal, rows: list[Row]) -> None:
    assert found(replace(journal, failed=1), rows) == {"requests_failed": 1}


def test_pairs_a_second_count_what_was_saved(journal: Journal) -> None:
    journal.turns[0] = turn(0, 11, is_saved=False)
    # From the first text until the next image after the last one: 3.03 seconds.
    assert journal.pairs_per_second == pytest.approx(7 / 3.03)


def test_the_interval_of_the_95th_percentile_holds_it() -> None:
    turns = [turn(0, number, submit=number / 1000, next=0.0) for number in range(1, 1001)]
    times = figures(Journal(turns, {}))["submit_and_next_ms"]
    assert times["p95"] == pytest.approx(950, abs=1)
    assert times["p95_low"] < times["p95"] < times["p95_high"]
    assert times["n"] == times["most"] == 1000


def test_a_journal_comes_out_of_a_file_as_it_went_in(journal: Journal) -> None:
    turns = [list(vars(one).values()) for one in journal.turns]
    handed = {str(annotator): images for annotator, images in journal.handed.items()}
    assert Journal.from_json({"turns": turns, "handed": handed, "failed": 0}) == journal
