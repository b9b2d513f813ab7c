"""What the refiner drew in former rounds."""

from __future__ import annotations

import numpy as np

from training.recognition.refinement.progress import Pictures


class HistoryBuffer:
    """At most `capacity` refined pictures of former rounds, half of what the discriminator is shown as refined.

    Without it the discriminator forgets what it has learnt to see through, and the refiner returns to it
    (section 2.3 of the paper).
    """

    def __init__(self, capacity: int, pictures: Pictures) -> None:
        self.capacity = capacity
        self.pictures = pictures[:capacity].copy()

    def sample(self, count: int, random: np.random.Generator) -> Pictures:
        """So many pictures, each at most once while there are enough."""
        chosen = random.choice(len(self.pictures), count, replace=count > len(self.pictures))
        return self.pictures[chosen]

    def remember(self, pictures: Pictures, random: np.random.Generator) -> None:
        """Fills up; once full, new pictures take the places of random ones."""
        room = self.capacity - len(self.pictures)
        if room:
            self.pictures = np.concatenate([self.pictures, pictures[:room]])
        rest = pictures[room:][: self.capacity]
        if len(rest):
            self.pictures[random.choice(self.capacity, len(rest), replace=False)] = rest
