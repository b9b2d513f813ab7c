"""What a strength report may be told."""

from django import forms

from training.form_fields import MinutesField
from training.services.strength import MINUTES, MOST_SIZES, SIZES


class StrengthForm(forms.Form):
    """How long each reader may train, and how many numbers of labels are tried."""

    max_minutes = MinutesField(label="Minutes for each reader", initial=MINUTES)
    sizes = forms.IntegerField(
        label="Numbers of labels",
        min_value=2,
        max_value=MOST_SIZES,
        initial=SIZES,
        help_text="All of them, a half, a quarter, and so on.",
    )
