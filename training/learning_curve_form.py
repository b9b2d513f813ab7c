"""What a learning curve may be told."""

from django import forms

from training.form_fields import MinutesField
from training.services.learning_curves import MINUTES


class LearningCurveForm(forms.Form):
    """How long each of its readers may train."""

    max_minutes = MinutesField(label="Minutes for each reader", initial=MINUTES)

    def sentence(self) -> str:
        """Return what is wrong."""
        return " ".join(str(error) for errors in self.errors.values() for error in errors)
