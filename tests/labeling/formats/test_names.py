"""Names of pictures in archives."""

from hypothesis import given
from hypothesis import strategies as st

from labeling.formats.names import names_by_name, names_by_text
from labeling.imaging.archives import DEFAULT_LIMITS
from labeling.imaging.archives.members import is_clutter, safe_name
from labeling.imaging.labels import text_from_file_name
from tests.labeling.formats.pictures import picture

texts = st.text(alphabet="abAB12_-.()%/é", min_size=1, max_size=6)
anything = st.text(max_size=30)


@given(st.lists(texts, max_size=30))
def test_pictures_named_by_their_text_read_as_it_and_no_two_names_are_one_on_any_system(
    wanted: list[str],
) -> None:
    named = list(names_by_text(picture(text) for text in wanted))
    assert [text_from_file_name(name) for name, _ in named] == wanted
    assert len({name.casefold() for name, _ in named}) == len(wanted)


@given(st.lists(st.one_of(st.sampled_from(["a.png", "A.png", "a_2.png", "", "x"]), anything), max_size=30))
def test_whatever_pictures_are_called_their_names_in_an_archive_are_read_as_they_are(
    names: list[str],
) -> None:
    paths = [path for path, _ in names_by_name((picture("1", name=name) for name in names), "images")]
    assert len({path.casefold() for path in paths}) == len(names)
    for path in paths:
        assert safe_name(path, DEFAULT_LIMITS) == path
        assert not is_clutter(path)


def test_a_readable_name_stays_as_it_is() -> None:
    named = names_by_name(
        [picture("1", name="Ticket 7.JPG"), picture("1", name="4736d0", extension="jpg")], "images"
    )
    assert [path for path, _ in named] == ["images/Ticket 7.JPG", "images/4736d0.jpg"]
