"""Small things that every template may use without loading them: icons, shares, durations, sizes."""

from datetime import datetime
from typing import Any

from django import template
from django.forms import BoundField
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

NOTHING = "\N{EN DASH}"

# Outlines on a 24 x 24 grid, drawn by `.icon` in the colour of the text around them.
ICONS = {
    "alert": "M12 4 2.8 20h18.4zM12 10v4.5M12 17.4v.1",
    "arrow-left": "M19 12H5m6-6-6 6 6 6",
    "arrow-right": "M5 12h14m-6-6 6 6-6 6",
    "check": "m4.5 12.5 5 5 10-11",
    "chevron-down": "m6 9 6 6 6-6",
    "chevron-up": "m6 15 6-6 6 6",
    "close": "m6 6 12 12M18 6 6 18",
    "copy": "M8 8h12v12H8zM16 8V4H4v12h4",
    "cpu": "M7 7h10v10H7zM10 3v4m4-4v4m-4 10v4m4-4v4M3 10h4m-4 4h4m10-4h4m-4 4h4",
    "download": "M12 4v11m-5-5 5 5 5-5M4 20h16",
    "file": "M6 3h8l4 4v14H6zM14 3v4h4",
    "folder": "M3 6h6l2 2.5h10V19H3z",
    "images": "M3 7h14v12H3zM7 4h14v12M3 16l4-4 4 4 2-2 4 4",
    "info": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 11v5.5M12 7.4v.1",
    "label": "M4 7h16v10H4zM7.5 10v4m3 0h6",
    "moon": "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5",
    "play": "M7 4.5v15l12-7.5z",
    "plus": "M12 5v14M5 12h14",
    "read": "M4 8V4h4m8 0h4v4m0 8v4h-4m-8 0H4v-4M8 12h8",
    "redo": "m15 5 5 5-5 5m5-5H9a5 5 0 0 0 0 10h4",
    "search": "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13m5 11.5L20 20",
    "settings": (
        "M4 7h9m5 0h2M4 17h2m5 0h9M15.5 4.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5"
        "m-7 10a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5"
    ),
    "sliders": "M6 4v8m0 4v4m6-16v3m0 4v9m6-16v9m0 4v3M3.5 14h5m1-5h5m1 6h5",
    "stop": "M6 6h12v12H6z",
    "sun": (
        "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8m0-5v1.5m0 15V21M3 12h1.5"
        "m15 0H21M5.6 5.6l1.1 1.1m10.6 10.6 1.1 1.1m0-12.8-1.1 1.1M6.7 17.3l-1.1 1.1"
    ),
    "train": "M3 20h18M4 16l5-6 4 3 7-9m-5 0h5v5",
    "trash": "M4 7h16M9 7V4h6v3M6.5 7l1 13h9l1-13M10 11v5m4-5v5",
    "undo": "M9 5 4 10l5 5m-5-5h11a5 5 0 0 1 0 10h-4",
    "upload": "M12 15V4M7 9l5-5 5 5M4 16v4h16v-4",
    "user": "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4.5 20.5c.8-3.9 3.7-6 7.5-6s6.7 2.1 7.5 6",
}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw an icon; with a label where it stands alone, else hidden from screen readers."""
    described = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" {}><path d="{}"/></svg>', described, ICONS[name]
    )


@register.filter
def percent(share: float | str | None, digits: int = 0) -> str:
    """Write a share in 0..1 as a percentage, never rounding something imperfect up to 100 %."""
    if share is None or isinstance(share, str):
        return NOTHING
    text = f"{100 * share:.{digits}f}"
    if share < 1 and float(text) == 100:
        text = f"{100 - 10.0 ** -max(digits, 1):.{max(digits, 1)}f}"
    return f"{text} %"


@register.filter
def share_of(part: float | None, whole: float | None) -> float:
    """Return part / whole, 0 where there is nothing to share."""
    return part / whole if part and whole else 0.0


@register.filter
def duration(seconds: float | None) -> str:
    """Write seconds as people say them: `8 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds is None:
        return NOTHING
    if seconds < 1:
        return "under 1 s"
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes_left = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes_left} min" if minutes_left else f"{hours} h"
    if minutes >= 10 or (minutes and not rest):
        return f"{minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{whole} s"


@register.filter
def ago(moment: datetime | None) -> str:
    """Write how long ago something was: `just now`, `4 min ago`, `3 days ago`, else the date."""
    if moment is None:
        return NOTHING
    seconds = (timezone.now() - moment).total_seconds()
    if seconds < 10:
        return "just now"
    if seconds < 60:
        return f"{round(seconds)} s ago"
    if seconds < 60 * 60:
        return f"{round(seconds / 60)} min ago"
    if seconds < 24 * 60 * 60:
        return f"{round(seconds / 3600)} h ago"
    days = round(seconds / 86400)
    return f"{plural(days, 'day')} ago" if days <= 30 else date_format(timezone.localtime(moment), "j M Y")


@register.filter
def plural(count: int, word: str) -> str:
    """Write `1 image`, `1,204 images`; irregular words as `reply,replies`."""
    one, _, many = word.partition(",")
    return f"{count:,} {one if count == 1 else many or one + 's'}"


@register.filter
def described(field: BoundField) -> SafeString:
    """Render a form field with its hint and error announced by screen readers."""
    attributes: dict[str, Any] = {}
    notes = [f"{field.auto_id}-hint"] if field.help_text else []
    if field.errors:
        attributes["aria-invalid"] = "true"
        notes.append(f"{field.auto_id}-error")
    if notes:
        attributes["aria-describedby"] = " ".join(notes)
    return field.as_widget(attrs=attributes)
