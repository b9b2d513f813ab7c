"""Days of readings as a drawing."""

from datetime import date, timedelta

from training.tracking import Day, Tally
from training.tracking_chart import HEIGHT, tracking_chart


def chart_of(*tallies: Tally):  # type: ignore[no-untyped-def]
    return tracking_chart([Day(date(2026, 1, 1) + timedelta(n), tally) for n, tally in enumerate(tallies)])


def test_the_busiest_day_is_as_high_as_the_strip_and_a_single_reading_still_shows() -> None:
    chart = chart_of(Tally(count=1000, confidence=900), Tally(count=1, confidence=1), Tally())
    assert [day.counted.height for day in chart.days] == [HEIGHT, 1.5, 0]
    assert chart.most == 1000


def test_verdicts_fill_the_strip_from_strangers_down_to_sure_ones() -> None:
    (day,) = chart_of(Tally(count=100, confidence=90, unsure=25, other_family=25)).days
    assert [(bar.kind, bar.top, bar.height) for bar in day.verdicts] == [
        ("stranger", 0, 15),
        ("unsure", 15, 15),
        ("sure", 30, 30),
    ]


def test_the_line_of_confidence_ends_where_a_day_has_no_readings() -> None:
    read = Tally(count=2, confidence=1)
    assert chart_of(read, read, Tally(), read).confidence_path == "M5 30L15 30M35 30"


def test_corrections_show_only_where_somebody_checked() -> None:
    unchecked, checked = chart_of(Tally(count=5, confidence=5), Tally(5, 5, checked=4, corrected=1)).days
    assert unchecked.corrected is None
    assert checked.corrected is not None
    assert (checked.corrected.top, checked.corrected.height) == (45, 15)


def test_days_on_which_all_readings_were_only_checked_draw_without_any_read() -> None:
    chart = chart_of(Tally(checked=1), Tally())
    assert [day.counted.height for day in chart.days] == [0, 0]
