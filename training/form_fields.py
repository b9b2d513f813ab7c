"""Form fields that several forms of trainings have."""

from typing import Any

from django import forms

from training.services.runs import MOST_MINUTES

# What a browser is to let people type.
DECIMAL = {"step": "any", "inputmode": "decimal"}


class MinutesField(forms.FloatField):
    """Minutes of training, at most as many as a run may have."""

    def __init__(
        self,
        *,
        label: str = "Minutes",
        min_value: float = 0.1,
        max_value: float = MOST_MINUTES,
        attrs: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        """`attrs` are more attributes of the element."""
        widget = forms.NumberInput(attrs=DECIMAL | (attrs or {}))
        super().__init__(label=label, min_value=min_value, max_value=max_value, widget=widget, **more)
