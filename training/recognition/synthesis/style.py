"""What drawn pictures look like, as ranges to draw from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from training.recognition.synthesis import style_json
from training.recognition.synthesis.style_checks import check_style
from training.recognition.synthesis.style_parts import Centre, Colour, FontChoice, Range

__all__ = ["BROAD", "Centre", "Colour", "FontChoice", "Range", "Style"]


@dataclass(frozen=True, eq=False)
class Style:
    """A family of drawn pictures. Raises ValueError with a sentence about the first value that makes no sense.

    Ranges are uniform; probabilities are of a picture. Lengths are shares of the picture's height, angles are
    degrees, contrasts and jitter are shares of the full range 0..1. Styles are equal if all their values are.
    """

    height: int = 40
    """Pixels."""
    width: int | None = None
    """Pixels of every picture; None: as wide as the text."""
    max_width: int = 384
    """Pixels; a wider text is squeezed."""

    centres: tuple[Centre, ...] = ()
    """Where each character of a text lies; texts then have just as many characters. Empty: in a line."""
    scatter: str = "even"
    """How characters lie about their centres: "even" (uniform) or "normal"."""
    anchor: str = "ink"
    """What lies on a centre: the middle of a character's "ink", or of its place in the "line", so that a g hangs
    lower than an a."""
    letter_height: Range | None = None
    """The font's size (EM). None: as large as gives the ink of the whole line its `text_height`."""
    text_height: Range = (0.45, 1.0)
    margin: Range = (0.0, 0.8)
    """Left and right of the text, where there is room."""
    across: Range = (0.0, 1.0)
    """Share of the free width that lies left of the text in a picture of fixed width."""
    down: Range = (0.0, 1.0)
    """Share of the free height that lies above the text."""
    stretch: Range = (0.85, 1.4)
    """Of the text's width."""
    spacing: Range = (-0.18, 0.35)
    """Between characters, as a share of the font's size."""
    wide_spacing: Range = (0.3, 1.2)
    wide: float = 0.25
    """Probability of wide spacing."""
    uneven_spacing: float = 0.08
    """By how much the space between two characters may differ."""

    fonts: tuple[FontChoice, ...] = ()
    """The fonts that are written in, and how often; empty: any."""
    one_font: float = 0.85
    """Probability of one font for all characters of a picture."""
    rotation: Range = (0.0, 30.0)
    """Largest turn of a single character to either side; each picture has its own."""
    upright: float = 0.4
    """Probability that no character is turned."""
    slant: float = 20.0
    """Largest slant of a whole text."""
    resize: float = 0.15
    """Largest change of a single character's height, and of its width."""
    skew: Range = (0.0, 0.3)
    """Largest slant of a single character across and down; each picture has its own."""
    rise: float = 0.15
    """Largest shift of a single character up or down."""
    slope: float = 0.05
    """Largest rise of the baseline per step to the right."""
    bend: Range = (0.0, 0.1)
    """Amplitude of the wave that bends a picture."""
    bent: float = 0.3

    stroke: Range = (0.0, 0.0)
    """Change of the width of strokes, in pixels; negative: thinner."""
    crisp: float = 0.0
    """Probability that edges of characters have no half-tones."""
    thinner: float = 0.12
    thicker: float = 0.12
    hollow: float = 0.06

    ground_picture: NDArray[np.uint8] | None = None
    """What lies behind every text, noise that is always the same included: shape (height, width, 3). It stays where
    it is when the text is bent or blurred. None: drawn."""
    cover: NDArray[np.uint8] | None = None
    """What lies over every text: RGBA, shape (height, width, 4)."""
    grounds: tuple[Colour, ...] = ()
    """The colours of the ground; empty: any bright one, or what `white_ground` and `dark` make of it."""
    inks: tuple[Colour, ...] = ()
    """The colours that are written in; empty: any that can be told from the ground."""
    ink_jitter: float = 0.0
    """Largest change of each channel of a picture's ink to either side."""
    grey: float = 0.35
    """Probability of no colour at all."""
    many_colours: float = 0.35
    """Probability that each character has a colour of its own."""
    dark: float = 0.2
    """Probability of bright text on dark ground."""
    plain_ground: float = 0.5
    """Probability of a ground of one colour."""
    white_ground: float = 0.3
    ground_brightness: Range = (0.6, 1.0)
    """Of grounds that are not white."""
    ground_colourfulness: float = 0.25
    ink_brightness: Range = (0.0, 1.0)
    """Of drawn inks."""
    ink_colourfulness: float = 1.0
    contrast: float = 0.35
    """Least difference of text and ground."""

    lines: tuple[int, int] = (0, 4)
    lined: float = 0.6
    line_inks: tuple[Colour, ...] = ()
    """The colours of lines and dots; empty: those of the text, black, or any."""
    line_width: tuple[int, int] = (1, 3)
    """Pixels; thin ones are more frequent."""
    arcs: float = 0.25
    """Probability that a line is a part of an ellipse."""
    dots: tuple[int, int] = (10, 150)
    """Of one pixel; of larger ones there are fewer."""
    dotted: float = 0.3
    dot_radius: tuple[int, int] = (0, 2)
    """Pixels; small ones are more frequent."""
    behind: float = 0.5
    """Probability that lines and dots lie behind the text."""
    in_ink: float = 0.4
    """Probability that lines and dots have a colour of the text's; the others are black or of any colour."""
    coarse: float = 0.25
    """Probability that a picture was once drawn smaller."""
    blur: Range = (0.0, 0.025)
    blurred: float = 0.4
    noise: Range = (0.0, 0.04)
    noisy: float = 0.4
    grey_noise: float = 0.5
    """Probability that noise has no colour."""
    jpeg: tuple[int, int] = (35, 95)
    compressed: float = 0.3

    def __post_init__(self) -> None:
        check_style(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Style) and self.to_json() == other.to_json()

    @cached_property
    def ground_colour(self) -> Colour:
        """The middle colour of the style's ground; without one, white."""
        if self.ground_picture is None:
            return (255, 255, 255)
        red, green, blue = (int(each) for each in np.median(self.ground_picture, axis=(0, 1)))
        return red, green, blue

    def to_json(self) -> dict[str, object]:
        """Every value by its name; pictures are base64 of a PNG."""
        return style_json.to_json(self)

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> Style:
        """The style that `to_json` wrote; what is not named has its default.

        Raises ValueError with a sentence for names that no style has and for values that make no sense.
        """
        return cls(**style_json.from_json(cls, values))


BROAD = Style()
"""Everything at once, for a reader that has to begin somewhere."""
