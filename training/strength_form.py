"""What a strength report may be told."""

from django import forms

from training.services.runs import MOST_MINUTES
from training.services.strength import MINUTES, MOST_SIZES, SIZES


class StrengthForm(forms.Form):
    """How long each reader may train, and how many numbers of labels are tried."""

    max_minutes = forms.FloatField(
        label="Minutes for each reader",
        min_value=0.1,
        max_value=MOST_MINUTES,
        initial=MINUTES,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )
    sizes = forms.IntegerField(
        label="Numbers of labels",
        min_value=2,
        max_value=MOST_SIZES,
        initial=SIZES,
        help_text="All of them, a half, a quarter, and so on.",
    )

    def sentence(self) -> str:
        """Return what is wrong."""
        return " ".join(str(error) for errors in self.errors.values() for error in errors)
