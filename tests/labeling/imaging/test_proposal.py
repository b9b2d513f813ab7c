"""A recipe proposed from the images themselves."""

import numpy as np
import pytest

from labeling.imaging.arrays import Picture, Pixels
from labeling.imaging.proposal import Proposal, propose_recipe
from labeling.imaging.recipe import DEFAULT_RECIPE
from tests.labeling.imaging.pictures import solid, with_fixed_lines, written


def pixels(picture: Picture) -> Pixels:
    grey = np.rint(picture[:, :, 0] * 255).astype(np.uint8)
    return np.dstack([grey, grey, grey, np.full_like(grey, 255)])


def words(
    step: int, *, count: int = 30, ink: float = 0.0, paper: float = 1.0, margin: int = 10
) -> list[Pixels]:
    """Five letters, `step` pixels apart."""
    random = np.random.default_rng(4)
    drawn = []
    for _ in range(count):
        letters = {margin + step * place: "ACEHKP"[random.integers(6)] for place in range(5)}
        drawn.append(pixels(written(letters, ink=ink, paper=paper)[9:33]))
    return drawn


def steps(proposal: Proposal) -> list[str]:
    return [step.name for step in proposal.recipe.steps]


def test_letters_with_gaps_between_them_are_cut_at_the_gaps() -> None:
    proposal = propose_recipe(words(36), (5, 5))
    assert proposal.recipe.slicing.name == "projection"
    assert "Cut at gaps: in 30 of 30 sample images gaps alone give 5 characters." in proposal.reasons


def test_letters_that_touch_are_cut_in_equal_parts_so_that_plain_images_keep_the_default() -> None:
    proposal = propose_recipe(words(14, margin=60), (5, 5))
    assert proposal.recipe.slicing == DEFAULT_RECIPE.slicing
    assert proposal.reasons[-1].startswith("Equal parts: ")


def test_texts_of_differing_lengths_stay_whole() -> None:
    proposal = propose_recipe(words(36), (4, 6))
    assert proposal.recipe.slicing.name == "none"
    assert "4 to 6 characters" in proposal.reasons[-1]


def test_lines_that_all_images_share_are_removed() -> None:
    proposal = propose_recipe([pixels(each) for each in with_fixed_lines(60)], (3, 3))
    assert steps(proposal)[:2] == ["channel", "remove_fixed"]
    assert any("same thin lines cover" in reason for reason in proposal.reasons)


def test_nothing_is_proposed_for_good_images_and_that_is_said() -> None:
    proposal = propose_recipe(words(36), (5, 5))
    assert steps(proposal) == ["channel"]
    assert any(reason.startswith("No other step") for reason in proposal.reasons)


def test_strokes_that_characters_in_the_same_places_share_are_no_fixed_lines() -> None:
    random = np.random.default_rng(5)
    stems = [
        pixels(written({10 + 36 * place: "EFHKP"[random.integers(5)] for place in range(5)}))
        for _ in range(60)
    ]
    assert "remove_fixed" not in steps(propose_recipe(stems, (5, 5)))


def test_an_empty_margin_is_cropped_but_not_up_to_the_ink() -> None:
    wide = [np.pad(each, ((40, 0), (0, 0), (0, 0)), constant_values=255) for each in words(36)]
    (crop,) = (step.to_json() for step in propose_recipe(wide, (5, 5)).recipe.steps if step.name == "crop")
    # The letters begin about 43 pixels from the top.
    assert 35 <= crop["top"] <= 42
    assert (crop["left"], crop["right"]) == (0, 0)


def test_faint_images_get_their_contrast_stretched() -> None:
    faint = words(36, ink=0.6, paper=0.9, count=10) + words(36, count=20)
    assert "autocontrast" in steps(propose_recipe(faint, (5, 5)))


@pytest.mark.parametrize("count", [1, 5])
def test_a_few_images_or_flat_ones_do_no_harm(count: int) -> None:
    assert propose_recipe(words(36, count=count), (5, 5)).recipe.slicing.name == "projection"
    assert propose_recipe([solid(9, 9, 9)] * count, (2, 2)).recipe.slicing.name == "equal"


def test_without_images_there_is_no_proposal() -> None:
    with pytest.raises(ValueError, match="there are none"):
        propose_recipe([], (5, 5))


def test_texts_of_differing_lengths_that_move_about_in_wide_margins_are_boxed() -> None:
    random = np.random.default_rng(1)
    framed = []
    for image in words(36):
        above, before = random.integers(0, 60), random.integers(0, 150)
        margins = ((above, 60 - above), (before, 150 - before), (0, 0))
        framed.append(np.pad(image, margins, constant_values=255))
    proposal = propose_recipe(framed, (4, 6))
    assert proposal.recipe.slicing.name == "text"
    assert "the text fills only" in proposal.reasons[-1]
