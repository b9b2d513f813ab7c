"""What a training without labels may be told."""

from typing import Any

from django import forms
from django.forms import BoundField

from training.services.label_free import DRAWN, LEAST_DRAWN, MINUTES, MOST_DRAWN, Wish
from training.services.runs import LARGEST_SEED, MOST_MINUTES


class LabelFreeForm(forms.Form):
    """Which stages it has, how much is drawn, and how long it may take."""

    max_minutes = forms.FloatField(
        label="Minutes at most",
        min_value=0.1,
        max_value=MOST_MINUTES,
        initial=MINUTES,
        help_text="Of all stages together.",
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )
    synthetic_count = forms.IntegerField(
        label="Images to draw",
        min_value=LEAST_DRAWN,
        max_value=MOST_DRAWN,
        initial=DRAWN,
        help_text="More help where texts vary much, and take longer.",
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    seed = forms.IntegerField(
        label="Seed",
        min_value=0,
        max_value=LARGEST_SEED,
        initial=0,
        help_text="The same seed draws the same images.",
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    self_train = forms.BooleanField(
        label="Let the reader go on with what it reads surely in your images",
        required=False,
        initial=True,
        help_text="Self-training, in rounds; each round's precision is estimated and shown.",
    )
    refine = forms.BooleanField(
        label="Let a refiner make the drawn images look like yours",
        required=False,
        initial=False,
        help_text="SimGAN; it helps where drawn and real images differ in their noise, and takes longer.",
    )

    @property
    def stages(self) -> list[BoundField]:
        """The stages that one may choose, in their order."""
        return [self["refine"], self["self_train"]]

    def wish(self) -> Wish:
        """Return what the form says, but for the seed."""
        said = self.cleaned_data
        return Wish(
            refine=said["refine"],
            self_train=said["self_train"],
            synthetic_count=said["synthetic_count"],
            max_minutes=said["max_minutes"],
        )

    @property
    def seed_wished(self) -> int:
        return int(self.cleaned_data["seed"])

    @classmethod
    def like(cls, wish: Wish, seed: int) -> "LabelFreeForm":
        """Return a form that begins with what a run was told."""
        initial: dict[str, Any] = vars(wish) | {"seed": seed}
        return cls(initial=initial)
