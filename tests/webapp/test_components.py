"""The small things that templates use."""

from datetime import timedelta

import pytest
from django.utils import timezone

from webapp.templatetags.components import ago, duration, icon, percent, plural


@pytest.mark.parametrize(
    ("share", "digits", "text"),
    [
        (0.5, 0, "50 %"),
        (0.9625, 1, "96.2 %"),
        (1, 1, "100.0 %"),
        (0.9999, 1, "99.9 %"),
        (0.999, 0, "99.9 %"),
        (None, 0, "\N{EN DASH}"),
    ],
)
def test_shares_are_never_rounded_up_to_perfection(share: float | None, digits: int, text: str) -> None:
    assert percent(share, digits) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "under 1 s"), (8, "8 s"), (200, "3 min 20 s"), (900, "15 min"), (7500, "2 h 5 min")],
)
def test_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "just now"), (30, "30 s ago"), (600, "10 min ago"), (7200, "2 h ago"), (86400 * 3, "3 days ago")],
)
def test_moments_read_as_how_long_ago_they_were(seconds: float, text: str) -> None:
    assert ago(timezone.now() - timedelta(seconds=seconds)) == text


def test_words_agree_with_their_numbers() -> None:
    assert plural(1, "image") == "1 image"
    assert plural(1204, "image") == "1,204 images"
    assert plural(2, "reply,replies") == "2 replies"


def test_an_icon_alone_has_a_name_and_its_text_is_escaped() -> None:
    assert 'aria-hidden="true"' in icon("check")
    assert 'aria-label="a &quot;quoted&quot; name"' in icon("check", 'a "quoted" name')
