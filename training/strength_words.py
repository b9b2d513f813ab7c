"""What a strength report says in sentences: what was found, what its owner may do, and what it cannot know."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from training.coverage_words import percent
from training.recognition.labels_needed import REACH, Evidence, LabelsNeeded

if TYPE_CHECKING:
    from training.strength_details import NoiseRow, StrengthDetails

SURE = 0.9
"""Whoever may try again is “almost sure” to get through once in this share of cases."""

NAMED = 6


def cpu_minutes(seconds: float) -> str:
    """Write seconds of processor time as `2.4 CPU minutes`."""
    minutes = seconds / 60
    return f"{minutes:,.0f} CPU minutes" if minutes >= 10 else f"{max(minutes, 0.1):.1f} CPU minutes"


def labels_words(need: LabelsNeeded, at_hand: int) -> str:
    """Write how many labels a target takes; `at_hand` is how many there are."""
    if need.evidence == Evidence.MEASURED:
        return f"{need.labels:,}"
    if need.evidence == Evidence.FITTED:
        return f"about {need.labels:,}, by a fit"
    return f"not within {at_hand:,}"


def evidence_words(need: LabelsNeeded, at_hand: int) -> str:
    """Write how sure one may be of that number."""
    beyond = f"beyond {REACH * at_hand:,.0f}"
    if need.evidence == Evidence.MEASURED:
        surely = "no reader was above it beyond doubt" if need.high is None else f"surely with {need.high:,}"
        return f"Measured. It may be with {need.low:,} already; {surely} (95 % intervals)."
    if need.evidence == Evidence.FITTED:
        low, high = (beyond if end is None else f"{end:,}" for end in (need.low, need.high))
        return f"Not measured: a power law through the measured points, 95 % interval {low} to {high}."
    return f"No reader got there with all {at_hand:,} labels, and no trustworthy fit says how many more it takes."


def cpu_words(need: LabelsNeeded) -> str:
    """Write what the reader that got there took."""
    return "not measured" if need.cpu_seconds is None else cpu_minutes(need.cpu_seconds)


def headline(details: StrengthDetails) -> str:
    """Say in one sentence what it takes to read the images."""
    best = details.best
    measured = [need for need in details.needs if need.evidence == Evidence.MEASURED]
    if not measured:
        low, high = best.test.interval.low, best.test.interval.high
        return (
            f"With all {best.labels:,} labels the reader reads {percent(best.test.value)} of the test images "
            f"({percent(low)} to {percent(high)}): fewer than half."
        )
    need = measured[-1]
    assert need.labels is not None
    assert need.cpu_seconds is not None
    return (
        f"{need.target:.0%} of the images are read by a machine after {need.labels:,} labels and "
        f"{cpu_minutes(need.cpu_seconds)} of training."
    ).replace("%", " %")


def advice(details: StrengthDetails) -> list[str]:
    """Say what the owner of the images may do about it, most telling first."""
    return [
        *_about_relying(details),
        *_about_noise(details),
        *_about_properties(details),
        *_about_characters(details),
    ]


def _about_relying(details: StrengthDetails) -> list[str]:
    share = details.best.test.value
    if not share:
        return ["Not one test image was read. Label more images, then measure again before you rely on that."]
    tries = max(1, math.ceil(math.log(1 - SURE) / math.log(1 - share))) if share < 1 else 1
    again = (
        "a single try is enough in nine of ten cases"
        if tries == 1
        else f"{tries} tries are enough to get through once in nine of ten cases"
    )
    return [
        f"The reader with all labels reads {percent(share)} right, so {again}. Bound how often one visitor may try, "
        "and let these images be one hurdle of several, not the only one."
    ]


def _about_noise(details: StrengthDetails) -> list[str]:
    resisting = [row for row in details.noise if row.resists]
    futile = [row for row in details.noise if row.surprises and not row.resists]
    harmless = [row for row in details.noise if row.can_be_told and not row.surprises and not row.resists]
    said = []
    if resisting:
        said.append(
            f"Of the noise that was tried, {_listed(resisting)} cost{'s' if len(resisting) == 1 else ''} even a reader "
            "that was trained with it. Before you add it, see whether people still read it: this report does not know."
        )
    if futile:
        said.append(
            f"{_listed(futile, upper=True)} stop{'s' if len(futile) == 1 else ''} only readers that never saw it: "
            "whoever labels as many of the new images reads as much as before. It buys time, once."
        )
    if harmless:
        said.append(
            f"{_listed(harmless, upper=True)} cost{'s' if len(harmless) == 1 else ''} a reader nothing that could be "
            "measured here: there is no reason to add it."
        )
    return said


def _about_properties(details: StrengthDetails) -> list[str]:
    rows = [row for row in details.properties if row.halves.matters]
    said = []
    for row in rows[:NAMED]:
        low, high = row.halves.below, row.halves.above
        how = "less" if high.value < low.value else "more"
        said.append(
            f"The half of the images that {row.property.more} is read {how} often: {percent(high.value)} instead of "
            f"{percent(low.value)}."
        )
    return said


def _about_characters(details: StrengthDetails) -> list[str]:
    rows = details.resisting_characters[:NAMED]
    if not rows or not details.best.test.count:
        return []
    named = ", ".join(f"“{row.character}” ({percent(row.right.value)})" for row in rows)
    return [
        f"Read less often than the others: {named}. More of them make a machine's work harder; look first whether "
        "your labellers agree on them, for people confuse alike shapes, too."
    ]


def limits(details: StrengthDetails) -> list[str]:
    """Say what the report cannot know."""
    test = details.best.test
    machine = details.measured.machine
    cores = machine.get("cores")
    said = [
        f"All shares are of the same {test.n:,} test images, which no reader was trained on. Others like them are read "
        "as often within the 95 % intervals; new kinds of images are not.",
        f"It tried one kind of reader ({details.architecture}), {details.report.max_minutes:g} minutes each at most. "
        "Somebody else's may need fewer labels: take the numbers as what is enough, not as what is needed.",
        "Labels are counted, not the work to collect images and to label them; processor time is that of training "
        f"alone, on {machine.get('processor') or 'an unknown processor'}, {cores} cores together.",
        "What goes with misreading need not be its cause: images may differ in several properties at once.",
        "Noise was added one kind at a time, at one strength each. Whether people still read it was not measured.",
    ]
    if cut := [point for point in details.points if point.ending == "out of time"]:
        said.insert(
            2,
            f"The minutes ended the training of {len(cut)} of {len(details.points)} readers, which might have read "
            "more with more of them. On a busy machine minutes hold less training.",
        )
    if machine.get("devices"):
        said.insert(
            3, f"{', '.join(machine['devices'])} did most of the training: processor time says little here."
        )
    return said


def _listed(rows: list[NoiseRow], *, upper: bool = False) -> str:
    names = [row.title.lower() for row in rows]
    text = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return text[0].upper() + text[1:] if upper else text
