"""What drawn pictures look like, as ranges to draw from."""

from dataclasses import dataclass

Range = tuple[float, float]
"""Lowest and highest value; every picture gets one in between."""


@dataclass(frozen=True)
class Style:
    """A family of drawn pictures.

    Ranges are uniform; probabilities are of a picture. Lengths are shares of the picture's height, angles are
    degrees, colours and contrasts are shares of the full range 0..1.
    """

    height: int = 40
    """Pixels."""
    max_width: int = 384
    """Pixels; a wider text is squeezed."""

    text_height: Range = (0.45, 1.0)
    margin: Range = (0.0, 0.8)
    """Left and right of the text."""
    stretch: Range = (0.85, 1.4)
    """Of the text's width."""
    spacing: Range = (-0.18, 0.35)
    """Between characters, as a share of the font's size."""
    wide_spacing: Range = (0.3, 1.2)
    wide: float = 0.25
    """Probability of wide spacing."""
    uneven_spacing: float = 0.08
    """By how much the space between two characters may differ."""

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

    thinner: float = 0.12
    thicker: float = 0.12
    hollow: float = 0.06

    grey: float = 0.35
    """Probability of no colour at all."""
    many_colours: float = 0.35
    """Probability that each character has a colour of its own."""
    dark: float = 0.2
    """Probability of bright text on dark ground."""
    plain_ground: float = 0.5
    """Probability of a ground of one colour."""
    white_ground: float = 0.3
    contrast: float = 0.35
    """Least difference of text and ground."""

    lines: tuple[int, int] = (0, 4)
    lined: float = 0.6
    dots: tuple[int, int] = (10, 150)
    dotted: float = 0.3
    coarse: float = 0.25
    """Probability that a picture was once drawn smaller."""
    blur: Range = (0.0, 0.025)
    blurred: float = 0.4
    noise: Range = (0.0, 0.04)
    noisy: float = 0.4
    jpeg: tuple[int, int] = (35, 95)
    compressed: float = 0.3


BROAD = Style()
"""Everything at once, for a reader that has to begin somewhere."""
