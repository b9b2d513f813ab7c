"""The form that makes an API token."""

from collections.abc import Collection, Iterable
from typing import Any

from django import forms

from labeling.access import Scope
from webapp.accounts.tokens import SCOPE_TITLES

GOOD_FOR = (("", "Until it is revoked"), ("30", "30 days"), ("90", "90 days"), ("365", "A year"))


class TokenForm(forms.Form):
    """What a token is for, what it may do, and until when."""

    name = forms.CharField(max_length=100, label="What is it for?")
    scopes = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, label="It may")
    days = forms.TypedChoiceField(
        choices=GOOD_FOR, coerce=int, empty_value=None, required=False, label="It is good"
    )

    def __init__(
        self,
        *args: Any,
        offered: Iterable[Scope] = tuple(Scope),
        chosen: Collection[Scope] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        scopes = self.fields["scopes"]
        scopes.choices = [(scope.value, SCOPE_TITLES[scope]) for scope in offered]  # type: ignore[attr-defined]
        scopes.initial = [scope.value for scope in chosen]
        scopes.error_messages["required"] = "A token that may do nothing opens nothing. Choose at least one."
