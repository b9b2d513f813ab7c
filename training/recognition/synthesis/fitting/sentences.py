"""What was found, in words."""

from __future__ import annotations

from training.recognition.synthesis.fitting.estimating import Estimates
from training.recognition.synthesis.fitting.fitted import Finding
from training.recognition.synthesis.fitting.simulation import Simulated
from training.recognition.synthesis.style import Style


def findings_of(estimates: Estimates, style: Style, simulated: Simulated) -> list[Finding]:
    """What the pictures were found to be, in the order in which it was found."""
    return [
        *_pictures(estimates),
        *_ground(estimates),
        *_ink(estimates, style),
        *_lines(estimates, style),
        *_characters(estimates, style),
        *_places(estimates, style),
        *_wear(estimates, style),
        _simulation(simulated),
    ]


def _pictures(estimates: Estimates) -> list[Finding]:
    gathered = estimates.gathered
    size = (
        f"{gathered.width}x{gathered.height} pixels"
        if gathered.width is not None
        else f"{gathered.height} pixels high and of differing width"
    )
    left_out = (
        f" {gathered.left_out} of other sizes, or beyond what is needed, were left out."
        if gathered.left_out
        else ""
    )
    count = len(gathered.pictures)
    return [Finding("pictures", count, f"{count} pictures of {size} were looked at.{left_out}")]


def _ground(estimates: Estimates) -> list[Finding]:
    ground = estimates.ground
    if ground.picture is None:
        colours = {tuple(int(value) // 8 for value in colour) for colour in ground.colours}
        if len(colours) == 1:
            colour = _colour(tuple(int(value) for value in ground.colours[0]))
            return [Finding("ground", "one colour", f"The ground is plain, {colour}, on all pictures.")]
        return [
            Finding(
                "ground",
                "many colours",
                f"The ground differs from picture to picture: about {len(colours)} colours.",
            )
        ]
    assert ground.steady is not None
    found = [
        Finding(
            "ground",
            "fixed",
            f"The ground is the same on all pictures: {100 * ground.steady:.0f} % of its pixels hardly change.",
        )
    ]
    noise = int(ground.noise.sum()) if ground.noise is not None else 0
    if noise:
        found.append(
            Finding(
                "fixed_noise",
                noise,
                f"{noise} pixels of it are fixed noise: lines or specks that are there on every picture. "
                "They are drawn behind the text.",
            )
        )
    return found


def _ink(estimates: Estimates, style: Style) -> list[Finding]:
    if len(style.inks) == 1:
        return [Finding("ink", style.inks[0], f"Texts have one colour, {_colour(style.inks[0])}.")]
    each = "each character has its own" if estimates.ink.many else "one for each text"
    return [
        Finding(
            "ink",
            len(style.inks),
            f"Texts have many colours, {each}; {len(style.inks)} of them are drawn with.",
        )
    ]


def _lines(estimates: Estimates, style: Style) -> list[Finding]:
    lines = estimates.lines
    if not lines.share:
        return [Finding("lines", 0, "There are no stray lines that change from picture to picture.")]
    low, high = style.lines
    count = f"{low}" if low == high else f"{low} to {high}"
    return [
        Finding(
            "lines",
            round(lines.share, 3),
            f"{100 * lines.share:.0f} % of the pictures have stray lines, about {lines.width:.1f} pixels wide; "
            f"{count} are drawn on each of these.",
        )
    ]


def _characters(estimates: Estimates, style: Style) -> list[Finding]:
    marks, ranking = estimates.marks, estimates.ranking
    how = "texts were cut where their ink is thinnest" if marks.cut else "only these were compared with fonts"
    best = ranking.fonts[0]
    used = [each for each in ranking.fonts if each.weight > 0]
    assert style.letter_height is not None
    sizes = [style.height * share for share in style.letter_height]
    names = ", ".join(
        f"{each.font.name} ({100 * each.weight:.0f} %)" for each in sorted(used, key=lambda f: -f.weight)
    )
    return [
        Finding(
            "apart",
            round(marks.apart, 3),
            f"In {100 * marks.apart:.0f} % of the pictures all characters stand apart; {how}.",
        ),
        Finding(
            "fonts",
            [each.font.name for each in used],
            f"Of {len(ranking.fonts)} fonts {best.font.name} explains the characters best (correlation "
            f"{best.score:.3f}); texts are drawn in {names}.",
        ),
        Finding(
            "letter_height",
            [round(size, 1) for size in sizes],
            f"The font's size is {sizes[0]:.1f} to {sizes[1]:.1f} pixels.",
        ),
        Finding(
            "stroke",
            round(style.stroke[0], 2),
            f"Strokes are {abs(style.stroke[0]):.1f} pixels {'wider' if style.stroke[0] >= 0 else 'thinner'} than the "
            "font's own.",
        ),
        Finding(
            "rotation",
            round(style.rotation[1], 1),
            f"Characters are turned by up to {style.rotation[1]:.0f}° to either side and slanted by up to "
            f"{100 * style.skew[1]:.0f} % of their height.",
        ),
    ]


def _places(estimates: Estimates, style: Style) -> list[Finding]:
    if style.centres:
        across = max(centre.x_deviation for centre in style.centres) * (style.width or style.max_width)
        down = max(centre.y_deviation for centre in style.centres) * style.height
        return [
            Finding(
                "centres",
                [
                    [round(c.x, 3), round(c.y, 3), round(c.x_deviation, 3), round(c.y_deviation, 3)]
                    for c in style.centres
                ],
                f"Each of the {len(style.centres)} characters lies about a place of its own, {across:.1f} pixels "
                f"around it left and right and {down:.1f} up and down (standard deviations).",
            )
        ]
    low, high = style.spacing
    return [
        Finding(
            "line",
            [round(low, 3), round(high, 3)],
            "Characters stand in a line: where one is, its neighbours are "
            f"(correlation {estimates.placing.together:.2f}). Between them are {100 * low:.0f} to {100 * high:.0f} % "
            "of the font's size beyond its own spacing.",
        )
    ]


def _wear(estimates: Estimates, style: Style) -> list[Finding]:
    quality = estimates.quality
    compressed = (
        f"The pictures were compressed as JPEG with a quality of about {style.jpeg[0]}."
        if quality is not None
        else "There is no trace of JPEG's compression."
    )
    blur = style.height * style.blur[0]
    return [
        Finding("jpeg", quality and style.jpeg[0], compressed),
        Finding("blur", round(blur, 2), f"Edges are as soft as a blur of {blur:.1f} pixels makes them."),
        Finding("grain", round(style.noise[1], 4), f"Grain is {255 * style.noise[1]:.1f} of 255 levels."),
    ]


def _simulation(simulated: Simulated) -> Finding:
    return Finding(
        "simulation",
        {name: round(value, 4) for name, value in simulated.values.items()},
        f"{simulated.candidates} styles were drawn in to correct the estimates; the distance of what is drawn to the "
        f"real pictures, in their own spread, went from {simulated.before:.2f} to {simulated.after:.2f}.",
    )


def _colour(colour: tuple[int, ...]) -> str:
    return f"red {colour[0]}, green {colour[1]}, blue {colour[2]}"
