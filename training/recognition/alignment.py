"""A first guess at where the characters of a known text stand, from the picture's ink alone."""

import numpy as np
from numpy.typing import NDArray

from labeling.imaging.slicing import Components, slice_boxes

CORE = 0.5
"""Share of a character's width, in its middle, that a network should name it in."""


def guessed_alignments(
    pictures: NDArray[np.float32], labels: NDArray[np.int64], steps: int, blank: int
) -> NDArray[np.int64]:
    """Which symbol each step of a CTC network might name: int64 (n, steps).

    Takes pictures float32 (n, height, width, channels) in 0..1 and labels (n, longest), shorter ones filled up
    with the blank. The characters are taken to stand in the boxes that connected components give, merged and
    split to their known number; where lines cross the text some boxes are wrong, so this can only start a
    training off.
    """
    alignments = np.full((len(pictures), steps), blank, np.int64)
    for picture, label, alignment in zip(pictures, labels, alignments, strict=True):
        text = label[label != blank]
        per_step = picture.shape[1] / steps
        for symbol, box in zip(text, slice_boxes(picture, Components(), len(text)), strict=True):
            middle, reach = (box.left + box.right) / 2, CORE * box.width / 2
            first = min(round((middle - reach) / per_step), int(middle / per_step))
            last = max(round((middle + reach) / per_step), first + 1)
            alignment[max(first, 0) : last] = symbol
    return alignments
