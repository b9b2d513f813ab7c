"""Forms about projects."""

import string
from typing import Any

from django import forms

from labeling.errors import Refused
from labeling.models.projects import (
    MAX_ALPHABET,
    MAX_GOLD_SHARE,
    MAX_LENGTH,
    MAX_OVERLAP,
    Project,
    QueueOrder,
)
from labeling.services.projects import clean_alphabet

# What fills the alphabet field at a press; the last one leaves out what even people mix up.
ALPHABET_PRESETS = {
    "Digits": string.digits,
    "a to z": string.ascii_lowercase,
    "A to Z": string.ascii_uppercase,
    "a to z, digits": string.ascii_lowercase + string.digits,
    "A to Z, digits": string.ascii_uppercase + string.digits,
    "Without look-alikes": "23456789ABCDEFGHJKLMNPQRSTUVWXYZ",
}


class ProjectForm(forms.Form):
    """A new project: its name and what its texts are made of."""

    name = forms.CharField(
        max_length=100,
        widget=forms.TextInput(attrs={"autofocus": True, "placeholder": "Parking tickets"}),
    )
    alphabet = forms.CharField(
        max_length=4 * MAX_ALPHABET,
        help_text="Every character that can appear, in any order.",
        widget=forms.TextInput(
            attrs={
                "class": "mono",
                "spellcheck": "false",
                "autocapitalize": "off",
                "autocomplete": "off",
                "placeholder": "0123456789",
                "data-project-form-target": "alphabet",
                "data-action": "project-form#draw",
            }
        ),
    )
    case_sensitive = forms.BooleanField(required=False, label="Upper and lower case are different characters")
    length_kind = forms.ChoiceField(
        choices=[("fixed", "Always the same"), ("range", "Varies")],
        initial="fixed",
        label="Length",
    )
    min_length = forms.IntegerField(
        min_value=1, max_value=MAX_LENGTH, required=False, initial=4, label="From"
    )
    max_length = forms.IntegerField(min_value=1, max_value=MAX_LENGTH, initial=5, label="To")
    description = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Where the images come from, and anything a colleague should know.",
    )

    def clean(self) -> dict[str, Any]:
        """Check what the fields say together."""
        data = super().clean() or {}
        longest = data.get("max_length")
        if data.get("length_kind") == "fixed":
            data["min_length"] = longest
        elif data.get("min_length") is None and "min_length" not in self.errors:
            self.add_error("min_length", "Say how short a text can be.")
        elif longest and data.get("min_length", 0) > longest:
            self.add_error(
                "max_length",
                "The longest length is smaller than the shortest one. Swap them.",
            )
        if "alphabet" in data:
            try:
                clean_alphabet(data["alphabet"], case_sensitive=data.get("case_sensitive", False))
            except Refused as refusal:
                self.add_error("alphabet", str(refusal))
        return data


class ProjectSettingsForm(forms.Form):
    """What can still change about a project once images are in it."""

    name = forms.CharField(max_length=100)
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))

    @classmethod
    def of(cls, project: Project) -> "ProjectSettingsForm":
        """Return the form as the project stands."""
        return cls(initial={"name": project.name, "description": project.description})


class QueueForm(forms.Form):
    """How images are handed out."""

    queue_order = forms.ChoiceField(
        label="Order",
        choices=QueueOrder.choices,
        help_text="“Least sure first” shows first what the model finds hardest: there a label teaches it most.",
    )
    overlap = forms.IntegerField(
        label="Readers of each image",
        min_value=1,
        max_value=MAX_OVERLAP,
        help_text="With two or more, nobody sees what the others said before all have; where they differ, "
        "a reviewer decides.",
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    gold_percent = forms.FloatField(
        label="Checks, in percent",
        min_value=0,
        max_value=100 * MAX_GOLD_SHARE,
        help_text="Of the images that are handed out, so many are gold: their texts are known, and nobody notices. "
        "Any labelled image can be made gold on its page.",
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )

    @classmethod
    def of(cls, project: Project) -> "QueueForm":
        """Return the form as the project stands."""
        initial = {
            "queue_order": project.queue_order,
            "overlap": project.overlap,
            "gold_percent": f"{100 * project.gold_share:g}",
        }
        return cls(initial=initial, prefix="queue")
