"""Every value of a style of drawn images as a form: built from the style itself, so that none is forgotten."""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from training.recognition.synthesis.style import Style
from training.recognition.synthesis.style_checks import BOUNDS, RANGES, WORDS
from training.recognition.synthesis.style_json import MANY, PICTURES

GROUPS = {
    "Size and place": (
        "height", "width", "max_width", "letter_height", "text_height", "margin", "across", "down", "stretch",
        "spacing", "wide_spacing", "wide", "uneven_spacing", "centres", "scatter", "anchor",
    ),
    "Letters": (
        "fonts", "one_font", "rotation", "upright", "slant", "skew", "resize", "rise", "slope", "bend", "bent",
    ),
    "Strokes": ("stroke", "crisp", "thinner", "thicker", "hollow"),
    "Ground and colours": (
        "ground_picture", "cover", "inks", "ink_jitter", "ink_brightness", "ink_colourfulness", "grounds",
        "ground_brightness", "ground_colourfulness", "contrast", "grey", "many_colours", "dark", "plain_ground",
        "white_ground",
    ),
    "Noise and wear": (
        "lines", "lined", "line_width", "line_inks", "arcs", "dots", "dotted", "dot_radius", "behind", "in_ink",
        "coarse", "blur", "blurred", "noise", "noisy", "grey_noise", "jpeg", "compressed",
    ),
}  # fmt: skip
OTHERS = "More"

TITLES = {
    "height": "Height", "width": "Width", "max_width": "Largest width", "letter_height": "Size of the font",
    "text_height": "Height of the text", "margin": "Margin", "across": "Free width on the left",
    "down": "Free height above", "stretch": "Stretch", "spacing": "Spacing", "wide_spacing": "Wide spacing",
    "wide": "Share with wide spacing", "uneven_spacing": "Unevenness of spacing", "centres": "Places of characters",
    "scatter": "Scatter about the places", "anchor": "What lies on a place", "fonts": "Fonts",
    "one_font": "Share in one font", "rotation": "Turn of a character", "upright": "Share with upright characters",
    "slant": "Slant of a text", "skew": "Slant of a character", "resize": "Change of a character's size",
    "rise": "Shift up or down", "slope": "Rise of the line", "bend": "Bend", "bent": "Share that is bent",
    "stroke": "Change of stroke width", "thinner": "Share with thin strokes", "thicker": "Share with thick strokes",
    "hollow": "Share with hollow strokes", "ground_picture": "Fixed ground", "cover": "Fixed noise over the text",
    "inks": "Colours of the text", "ink_jitter": "Change of the colour", "grey": "Share without colour",
    "many_colours": "Share with many colours", "dark": "Share bright on dark", "plain_ground": "Share on plain ground",
    "white_ground": "Share on white ground", "contrast": "Least contrast", "lines": "Lines",
    "lined": "Share with lines", "line_width": "Width of lines", "line_inks": "Colours of lines and dots",
    "arcs": "Share of lines that are arcs", "dot_radius": "Radius of dots",
    "behind": "Share with lines behind the text",
    "in_ink": "Share with lines in the text's colour", "grey_noise": "Share of noise without colour",
    "crisp": "Share without half-tones", "grounds": "Colours of the ground",
    "ground_brightness": "Brightness of the ground",
    "ground_colourfulness": "Colourfulness of the ground", "ink_brightness": "Brightness of the text",
    "ink_colourfulness": "Colourfulness of the text",
    "dots": "Dots", "dotted": "Share with dots", "coarse": "Share drawn coarsely", "blur": "Blur",
    "blurred": "Share that is blurred", "noise": "Noise", "noisy": "Share with noise", "jpeg": "JPEG quality",
    "compressed": "Share compressed as JPEG",
}  # fmt: skip

HINTS = {
    "height": "Pixels.",
    "width": "Pixels; empty: as wide as the text.",
    "max_width": "Pixels.",
    "letter_height": "Shares of the height; empty: as the height of the text asks.",
    "text_height": "Shares of the height.",
    "margin": "Shares of the height.",
    "spacing": "Shares of the font's size.",
    "wide_spacing": "Shares of the font's size.",
    "centres": "A line for each character: x and y as shares of width and height, then how far they vary.",
    "rotation": "Degrees, at most; each image has its own.",
    "slant": "Degrees, at most.",
    "bend": "Shares of the height.",
    "stroke": "Pixels; negative: thinner.",
    "grounds": "Such as #ffffff #e0e0e0; empty: any.",
    "line_inks": "Empty: those of the text, black, or any.",
    "line_width": "Pixels.",
    "dot_radius": "Pixels.",
    "inks": "Such as #ffffff #20a040; empty: any that can be told from the ground.",
    "fonts": "How often each is written in, compared with the others; 0 leaves it out.",
    "blur": "Shares of the height.",
    "jpeg": "1 to 100.",
}

LOW, HIGH = "_low", "_high"
WEIGHT = "fonts_"
COLOUR = re.compile(r"#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", re.IGNORECASE)
MOST_INKS, MOST_CENTRES = 64, 64


@dataclass(frozen=True)
class StyleValue:
    """One value of a style on the page: a field, two for a range, or several for the weights of fonts."""

    name: str
    title: str
    hint: str
    fields: list[BoundField]
    picture: str = ""

    @property
    def is_range(self) -> bool:
        return len(self.fields) == 2 and self.fields[0].name.endswith(LOW)

    @property
    def errors(self) -> list[str]:
        return [str(error) for field in self.fields for error in field.errors]


class StyleForm(forms.Form):
    """A style's values, beginning with those of `style` (as `Style.to_json` writes them)."""

    def __init__(self, style: Mapping[str, Any], data: Mapping[str, Any] | None = None) -> None:
        self._style: dict[str, Any] = Style().to_json() | dict(style)
        self._fields_of: dict[str, list[str]] = {}
        super().__init__(data, auto_id="style-%s")
        for each in dataclasses.fields(Style):
            for name, field in self._make(each.name, each.default):
                self.fields[name] = field
                self._fields_of.setdefault(each.name, []).append(name)

    @property
    def groups(self) -> Iterator[tuple[str, list[StyleValue]]]:
        """The values as the page shows them, by the titles of their groups."""
        grouped = {name for names in GROUPS.values() for name in names}
        rest = tuple(name for name in self._fields_of if name not in grouped)
        for title, names in {**GROUPS, OTHERS: rest}.items():
            values = [self._shown(name) for name in names if name in self._fields_of]
            if values:
                yield title, values

    def clean(self) -> dict[str, Any]:
        """Whether the values make sense together is the style's own business."""
        cleaned: dict[str, Any] = super().clean() or {}
        for name in filter(self._fields_of.__contains__, _DEFAULTS):
            try:
                self._value(name)
            except forms.ValidationError as error:
                self.add_error(name, error)
            except KeyError:
                # What is missing has its error already.
                continue
        if not self.errors:
            try:
                Style.from_json(self.to_json())
            except ValueError as error:
                self._add_error_of_style(str(error))
        return cleaned

    def _add_error_of_style(self, sentence: str) -> None:
        """A style names the value that is wrong first, as code knows it: here it stands at its field."""
        name, _, rest = sentence.partition(" ")
        if name in self._fields_of:
            self.add_error(self._fields_of[name][0], f"This {rest}")
        else:
            self.add_error(None, sentence)

    def to_json(self) -> dict[str, Any]:
        """Return the style that the form describes, as `Style.from_json` reads it."""
        return {name: self._value(name) for name in self._fields_of}

    def _make(self, name: str, default: Any) -> Iterator[tuple[str, forms.Field]]:
        value, title = self._style[name], TITLES.get(name, name.replace("_", " ").capitalize())
        if name in PICTURES:
            kept = forms.BooleanField(label="Keep", required=False, initial=value is not None)
            kept.disabled = value is None
            yield name, kept
        elif name == "fonts":
            for number, font in enumerate(value):
                weight = _number(font["name"], font["weight"], 0.0, 1e6, required=True)
                yield f"{WEIGHT}{number}", weight
        elif default == () and name not in MANY:
            text = " ".join("#" + "".join(f"{channel:02x}" for channel in ink) for ink in value)
            yield name, forms.CharField(label=title, required=False, initial=text, max_length=2000)
        elif name == "centres":
            rows = "\n".join(" ".join(f"{number:g}" for number in centre.values()) for centre in value)
            area = forms.Textarea(attrs={"rows": max(2, len(value)), "class": "mono"})
            yield (
                name,
                forms.CharField(label=title, required=False, initial=rows, max_length=8000, widget=area),
            )
        elif name in WORDS:
            choices = [(word, word.capitalize()) for word in WORDS[name]]
            yield name, forms.ChoiceField(label=title, choices=choices, initial=value)
        elif name in RANGES:
            least, most = RANGES[name]
            whole = isinstance(least, int)
            required = default is not None
            for number, (ending, words) in enumerate(((LOW, "from"), (HIGH, "to"))):
                initial = None if value is None else value[number]
                label = f"{title} {words}"
                yield name + ending, _number(label, initial, least, most, required=required, whole=whole)
        else:
            bounds: tuple[Any, Any] = BOUNDS.get(name, (None, None))
            whole = name == "width" or isinstance(default, int)
            yield name, _number(title, value, *bounds, required=default is not None, whole=whole)

    def _value(self, name: str) -> Any:
        names, before = self._fields_of[name], self._style[name]
        said = self.cleaned_data
        if name in PICTURES:
            return before if said.get(name) else None
        if name == "fonts":
            return [font | {"weight": said[each]} for font, each in zip(before, names, strict=True)]
        if name == "centres":
            return _centres(said[name])
        if self._is_colours(name):
            return _colours(said[name])
        if len(names) == 2:
            low, high = (said[each] for each in names)
            return None if low is None and high is None else [low, high]
        return said[names[0]]

    def _is_colours(self, name: str) -> bool:
        return _DEFAULTS[name] == () and name not in MANY

    def _shown(self, name: str) -> StyleValue:
        value = self._style[name]
        picture = f"data:image/png;base64,{value}" if name in PICTURES and value else ""
        title = TITLES.get(name, name.replace("_", " ").capitalize())
        fields = [self[each] for each in self._fields_of[name]]
        return StyleValue(name, title, HINTS.get(name, ""), fields, picture)


def _colours(text: str) -> list[list[int]]:
    words = text.replace(",", " ").split()[: MOST_INKS + 1]
    found = [COLOUR.fullmatch(word) for word in words]
    if len(words) > MOST_INKS or not all(found):
        wrong = next((word for word, match in zip(words, found, strict=True) if not match), words[-1])
        raise forms.ValidationError(f"“{wrong}” is no colour: write them like #20a040, at most {MOST_INKS}.")
    return [[int(part, 16) for part in match.groups()] for match in found if match]


def _centres(text: str) -> list[dict[str, float]]:
    lines = [line.split() for line in text.splitlines() if line.strip()]
    try:
        if len(lines) > MOST_CENTRES or any(len(line) != 4 for line in lines):
            raise ValueError
        rows = [[float(number) for number in line] for line in lines]
    except ValueError:
        raise forms.ValidationError(
            "Write four numbers a line, such as 0.2 0.5 0.01 0.02: x, y, and how far each varies."
        ) from None
    names = ("x", "y", "x_deviation", "y_deviation")
    return [dict(zip(names, row, strict=True)) for row in rows]


_DEFAULTS = {field.name: field.default for field in dataclasses.fields(Style)}


def _number(
    label: str, initial: Any, least: Any, most: Any, *, required: bool, whole: bool = False
) -> forms.Field:
    kind = forms.IntegerField if whole else forms.FloatField
    attributes = {"step": "1" if whole else "any", "inputmode": "numeric" if whole else "decimal"}
    if isinstance(initial, float):
        initial = round(initial, 4)
    return kind(
        label=label, required=required, initial=initial, min_value=least, max_value=most,
        widget=forms.NumberInput(attrs=attributes),
    )  # fmt: skip
