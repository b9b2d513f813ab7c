"""Recipes as a whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.imaging.parameters import InvalidRecipe
from labeling.imaging.recipe import DEFAULT_RECIPE, Recipe
from labeling.imaging.slicing import Box, EqualParts
from labeling.imaging.steps import Channel, Invert
from tests.labeling.imaging.pictures import solid
from tests.labeling.imaging.test_steps import recipes

slicings = st.one_of(
    st.sampled_from([{"slicing": "none"}, {"slicing": "equal"}]),
    st.builds(lambda gap: {"slicing": "projection", "min_gap": gap}, st.integers(1, 100)),
    st.builds(lambda area: {"slicing": "components", "min_area": area}, st.integers(1, 1000)),
)


@settings(max_examples=100, deadline=None)
@given(st.builds(lambda steps, slicing: {"steps": steps, "slicing": slicing}, recipes, slicings))
def test_a_recipe_survives_json_with_its_fingerprint(value: dict[str, object]) -> None:
    recipe = Recipe.from_json(value)
    again = Recipe.from_json(recipe.to_json())
    assert again == recipe
    assert hash(again) == hash(recipe)
    assert again.fingerprint() == recipe.fingerprint()


def test_different_recipes_have_different_fingerprints() -> None:
    inverted = Recipe((Channel("grey"), Invert()), EqualParts())
    assert inverted.fingerprint() != DEFAULT_RECIPE.fingerprint()


def test_the_fingerprint_does_not_change_between_versions() -> None:
    assert DEFAULT_RECIPE.fingerprint() == "6752d1d558e753f3f28c5e525bb8ac6761c891b3d3efa06c067ac8e46eb5f4d4"


def test_a_whole_number_as_threshold_is_the_same_recipe_as_its_decimal_form() -> None:
    def fingerprint(value: float) -> str:
        steps = [{"step": "channel"}, {"step": "threshold", "value": value}]
        return Recipe.from_json({"steps": steps, "slicing": {"slicing": "none"}}).fingerprint()

    assert fingerprint(1) == fingerprint(1.0)


def test_the_default_is_grey_in_equal_parts() -> None:
    picture = DEFAULT_RECIPE.prepare(solid(255, 0, 0, width=9))
    assert picture.shape == (6, 9, 1)
    assert picture[0, 0, 0] == pytest.approx(0.299)
    assert DEFAULT_RECIPE.boxes(picture, 3) == [Box(0, 0, 3, 6), Box(3, 0, 6, 6), Box(6, 0, 9, 6)]


@pytest.mark.parametrize(("channel", "channels"), [("grey", 1), ("colour", 3), ("alpha", 1)])
def test_a_recipe_knows_how_many_channels_it_makes(channel: str, channels: int) -> None:
    recipe = Recipe.from_json(
        {"steps": [{"step": "channel", "channel": channel}], "slicing": {"slicing": "none"}}
    )
    assert recipe.channels == channels
    assert recipe.prepare(np.zeros((3, 3, 4), np.uint8)).shape == (3, 3, channels)


@pytest.mark.parametrize("value", [None, [], {}, {"steps": []}, {"steps": [], "slicing": {}, "more": 1}])
def test_something_else_is_no_recipe(value: object) -> None:
    with pytest.raises(InvalidRecipe, match='exactly "steps" and "slicing"'):
        Recipe.from_json(value)


def test_a_recipe_cannot_be_built_without_its_channel() -> None:
    with pytest.raises(InvalidRecipe, match="channel"):
        Recipe((Invert(),), EqualParts())
