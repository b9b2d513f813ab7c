"""The form that invites somebody."""

from django import forms

from labeling.models import Role
from labeling.services.people import INVITATION_DAYS, MOST_INVITATION_DAYS


class InvitationForm(forms.Form):
    """As what to invite somebody, and for how long the link is good."""

    role = forms.ChoiceField(choices=Role.choices, initial=Role.ANNOTATOR)
    days = forms.IntegerField(
        min_value=1, max_value=MOST_INVITATION_DAYS, initial=INVITATION_DAYS, label="Good for days"
    )
