"""What a learning curve may be told."""

from django import forms

from training.services.learning_curves import MINUTES
from training.services.runs import MOST_MINUTES


class LearningCurveForm(forms.Form):
    """How long each of its readers may train."""

    max_minutes = forms.FloatField(
        label="Minutes for each reader",
        min_value=0.1,
        max_value=MOST_MINUTES,
        initial=MINUTES,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )

    def sentence(self) -> str:
        """Return what is wrong."""
        return " ".join(str(error) for errors in self.errors.values() for error in errors)
