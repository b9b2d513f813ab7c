"""Fifty people who label at once: how long each waits, how many images they get through, and whether all is right."""

from dataclasses import dataclass
from typing import Any

from benchmarks.common import running_site, save, sized
from benchmarks.labelling.crowd import API, PAGE, label
from benchmarks.labelling.databases import database, on_both_databases
from benchmarks.labelling.inside import inside
from benchmarks.labelling.journal import Row, faults, figures
from tests.support.site import Site

MODULE = "benchmarks.labelling.team"
PEOPLE = sized(50, 10)
OVERLAP = 2
AGAIN = 0.02
"""Share of texts that are sent twice."""


@dataclass(frozen=True)
class Shift:
    """One way in which the people label: with a pause at a typist's pace, without until no image is left."""

    way: str
    images: int
    pause: float = 0
    seconds: int | None = None


SHIFTS = {
    "typing, as the page does": Shift(PAGE, sized(20_000, 1000), pause=1.5, seconds=sized(90, 8)),
    "typing, one image at a time": Shift(API, sized(20_000, 1000), pause=1.5, seconds=sized(90, 8)),
    "without a pause, as the page does": Shift(PAGE, sized(2000, 60)),
    "without a pause, one image at a time": Shift(API, sized(2000, 60)),
}


def main() -> None:
    result = {}
    with running_site() as site:
        for name, shift in SHIFTS.items():
            result[name] = _worked(site, name, shift)
    save(f"labelling_team_{database()}", {"people": PEOPLE, "overlap": OVERLAP, "shifts": result})
    if any(any(shift["faults"].values()) for shift in result.values()):
        raise SystemExit("Something was handed out too often, lost, or doubled: see the faults above.")


def _worked(site: Site, name: str, shift: Shift) -> dict[str, Any]:
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
    return {"pause": shift.pause, "images": shift.images, **figures(journal), "faults": found}


if __name__ == "__main__":
    on_both_databases(main, MODULE)
