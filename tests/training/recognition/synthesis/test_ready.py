"""Ready styles, those of packages from PyPI among them: each draws the texts that belong to it."""

import json
import random
from pathlib import Path
from random import Random

import numpy as np
import pytest
from captcha.image import DEFAULT_FONTS

from training.recognition.synthesis.any_style import style_from_json
from training.recognition.synthesis.fonts import find_fonts
from training.recognition.synthesis.packages import PACKAGES, PackageStyle, draw_with_package
from training.recognition.synthesis.ready import READY
from training.recognition.synthesis.source import draw_pictures

DROID = Path(DEFAULT_FONTS[0])
FONTS = find_fonts()


@pytest.mark.parametrize("name", READY)
def test_a_ready_style_draws_its_texts_alike_for_equal_seeds(name: str) -> None:
    ready = READY[name]
    texts = [ready.alphabet[:length] for length in range(ready.lengths[0], ready.lengths[1] + 1)] * 2
    one, same = (list(draw_pictures(texts, ready.style, FONTS, seed=3, processes=1)) for _ in range(2))
    for (picture, _), (again, _) in zip(one, same, strict=True):
        np.testing.assert_array_equal(picture, again)
    first, second = one[: len(texts) // 2], one[len(texts) // 2 :]
    for (picture, text), (other, other_text) in zip(first, second, strict=True):
        assert text == other_text
        assert picture.shape != other.shape or (picture != other).any()


@pytest.mark.parametrize("name", READY)
def test_pictures_of_a_ready_style_have_its_size(name: str) -> None:
    ready = READY[name]
    text = ready.alphabet[: ready.lengths[0]]
    ((picture, _),) = draw_pictures([text], ready.style, FONTS, processes=1)
    assert picture.shape[0] == ready.style.height
    assert ready.style.width in (None, picture.shape[1])


@pytest.mark.parametrize("name", READY)
def test_a_ready_style_comes_back_from_json_as_it_was(name: str) -> None:
    style = READY[name].style
    assert style_from_json(json.loads(json.dumps(style.to_json()))) == style


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_leave_the_programs_random_numbers_alone(package: str) -> None:
    random.seed(5)
    before = random.getstate()
    draw_with_package("A1B2", DROID, PackageStyle(package), Random(1))
    assert random.getstate() == before


@pytest.mark.parametrize("package", PACKAGES)
def test_what_a_package_draws_depends_on_the_text(package: str) -> None:
    one, other = (
        draw_with_package(text, DROID, PackageStyle(package), Random(1)) for text in ("HHHH", "IIII")
    )
    assert one.shape == other.shape == (60, 160, 3)
    assert (one != other).any()


def test_multicolorcaptcha_draws_four_characters_only() -> None:
    with pytest.raises(ValueError, match="four characters, and 'abc' has 3"):
        draw_with_package("abc", DROID, PackageStyle("multicolorcaptcha"), Random(1))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"package": "other"}, "'other' is none of the generators: captcha, "),
        ({"package": "captcha", "width": 5}, "A picture of 5x60 cannot be drawn"),
        ({"package": "captcha", "depth": 5}, "This style of a package cannot be read"),
        ({"package": "captcha", "width": "wide"}, "This style of a package cannot be read"),
        ({"package": "captcha", "fonts": [{"size": 5}]}, "This style of a package cannot be read"),
    ],
)
def test_a_packages_style_that_makes_no_sense_is_refused(values: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        style_from_json(values)
