"""The rows of the comparison, in the order of the page."""

ROWS = (
    "wilhelmy", "digits4", "varlen", "five_digits", "single_characters", "letters", "six_digits", "recipes",
    "zero_shot", "hackmit",
)  # fmt: skip
"""Modules of this package, each with a function `cells`."""
