"""Fifty people who label at once: how long each waits, how many images they get through, and whether all is right."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from benchmarks.common import running_site, sized
from benchmarks.labelling.cells import LabellingCell, cell
from benchmarks.labelling.crowd import API, PAGE, label
from benchmarks.labelling.inside import inside
from benchmarks.labelling.journal import Row, faults, figures

PEOPLE = sized(50, 5)
OVERLAP = 2
AGAIN = 0.02
"""Share of texts that are sent twice."""


@dataclass(frozen=True)
class Shift:
    """One way in which the people label, with `pause` seconds of typing per image on average.

    They label for so many `seconds`; without, until no image is left.
    """

    way: str
    images: int
    pause: float = 0
    seconds: int | None = None


SHIFTS = {
    "typing, by batches": Shift(PAGE, sized(20_000, 1000), pause=1.5, seconds=sized(60, 8)),
    "typing, one by one": Shift(API, sized(20_000, 1000), pause=1.5, seconds=sized(60, 8)),
    "without pause, by batches": Shift(PAGE, sized(1200, 60)),
    "without pause, one by one": Shift(API, sized(1200, 60)),
}


def cells() -> Iterator[LabellingCell]:
    for name, shift in SHIFTS.items():
        settings = {"people": PEOPLE, "overlap": OVERLAP, "sent_twice": AGAIN, **asdict(shift)}
        settings |= {"seeds": f"0 to {PEOPLE - 1}, one per annotator"}
        yield cell("team", name, settings, partial(_worked, name, shift), unit="milliseconds")


def _worked(name: str, shift: Shift) -> dict[str, Any]:
    with running_site() as site:
        wish = {"images": shift.images, "people": PEOPLE, "overlap": OVERLAP}
        team = inside(site, f"new_team({name!r}, **{wish})")
        journal = label(
            shift.way, host=site.url, project=team["project"], accounts=team[shift.way],
            pause=shift.pause, seconds=shift.seconds, again=AGAIN,
        )  # fmt: skip
        kept = inside(site, f"what_is_kept({team['project']})")
    found = faults(journal, [Row(*row) for row in kept["rows"]], overlap=OVERLAP)
    found["counters_off_by"] = kept["counters_off_by"]
    if shift.seconds is None:
        # Nobody stops before all is read.
        found["readings_missing"] = OVERLAP * shift.images - len(kept["rows"])
    return {**figures(journal), "faults": found}
