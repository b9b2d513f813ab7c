"""Fonts that people bring: what is taken, what is refused, and what texts can then be drawn in."""

import hashlib

import pytest
from django.core.files.storage import default_storage

from labeling.errors import Refused
from labeling.models import AuditEntry
from labeling.services.projects import delete_project
from tests.factories import make_project, make_user
from tests.training.font_rows import DROID, add_font, latin_font
from training.leftovers import fonts_folder
from training.models import UploadedFont
from training.recognition.synthesis.font_files import MAX_BYTES
from training.recognition.synthesis.fonts import Origin
from training.recognition.synthesis.source import draw_pictures
from training.recognition.synthesis.style import FontChoice, Style
from training.services.fonts import delete_font, project_fonts, upload_font

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_font_is_kept_under_the_name_that_it_gives_itself() -> None:
    project, user = make_project(), make_user()
    font = upload_font(project=project, user=user, file_name="some file.ttf", data=DROID)
    assert (font.name, font.extension, font.size) == ("Droid Sans Mono", "ttf", len(DROID))
    assert font.sha256 == hashlib.sha256(DROID).hexdigest()
    with default_storage.open(font.path) as file:
        assert file.read() == DROID
    [entry] = AuditEntry.objects.filter(action="font_uploaded")
    assert (entry.project, entry.user, entry.target) == (project, user, "Droid Sans Mono")


def test_texts_can_be_drawn_in_an_uploaded_font_on_any_machine() -> None:
    project = make_project()
    font = upload_font(project=project, user=None, file_name="a.ttf", data=latin_font())
    fonts = project_fonts(project)
    [mine] = [each for each in fonts if each.origin == Origin.UPLOADED]
    assert (mine.name, mine.fingerprint) == (font.name, font.sha256)
    style = Style(fonts=(FontChoice(font.name, font.sha256),))
    assert len(list(draw_pictures(["123"], style, fonts, processes=1))) == 1


def test_other_projects_do_not_see_it() -> None:
    add_font(make_project())
    assert not any(each.origin == Origin.UPLOADED for each in project_fonts(make_project(name="other")))


def test_what_is_deleted_is_no_choice_any_more() -> None:
    project, user = make_project(), make_user()
    font = add_font(project)
    assert any(each.origin == Origin.UPLOADED for each in project_fonts(project))
    path = font.path
    delete_font(font=font, user=user)
    assert not default_storage.exists(path)
    assert not any(each.origin == Origin.UPLOADED for each in project_fonts(project))
    assert list(fonts_folder(project.pk).iterdir()) == []
    assert AuditEntry.objects.filter(action="font_deleted", user=user, target="Droid Sans Mono").count() == 1


def test_fonts_go_with_their_project() -> None:
    project = make_project()
    path = add_font(project).path
    project_fonts(project)
    folder = fonts_folder(project.pk)
    delete_project(project=project)
    assert not default_storage.exists(path)
    assert not folder.exists()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "my.ttf is no TrueType, OpenType, WOFF or WOFF2 font"),
        (b"%PDF-1.4 ...", "my.ttf is no TrueType, OpenType, WOFF or WOFF2 font"),
        (b"\x00\x01\x00\x00 and nothing else", "my.ttf is a damaged font"),
        (DROID[: len(DROID) // 2], "my.ttf is a damaged font|my.ttf has a letter for none"),
        (b"wOF2" + bytes(2_000), "my.ttf is a damaged font"),
        (DROID + bytes(MAX_BYTES), "a font may have 10 MB at most"),
    ],
)
def test_what_is_no_font_is_refused_in_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        upload_font(project=make_project(), user=None, file_name="my.ttf", data=data)
    assert not UploadedFont.objects.exists()
    assert not AuditEntry.objects.filter(action="font_uploaded").exists()


def test_a_font_without_the_projects_characters_is_refused() -> None:
    project = make_project(alphabet="αβγδ")
    with pytest.raises(Refused, match="a letter for none of the characters that are wanted here"):
        upload_font(project=project, user=None, file_name="latin.ttf", data=latin_font())


def test_a_file_is_taken_once_and_so_is_a_name() -> None:
    project = make_project()
    add_font(project)
    with pytest.raises(Refused, match="other is here already: it is Droid Sans Mono"):
        upload_font(project=project, user=None, file_name="other", data=DROID)
    with pytest.raises(Refused, match="other calls itself Droid Sans Mono, and a font of that name is here"):
        upload_font(project=project, user=None, file_name="other", data=DROID + b"\0")


def test_a_name_with_nul_is_stored_all_the_same() -> None:
    with pytest.raises(Refused, match="a\ufffdb is no TrueType"):
        upload_font(project=make_project(), user=None, file_name="a\0b", data=b"x")


def test_there_are_so_many_fonts_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.services.fonts.MAX_FONTS", 1)
    project = make_project()
    add_font(project)
    with pytest.raises(Refused, match="has 1 fonts, the most there can be"):
        upload_font(project=project, user=None, file_name="latin.ttf", data=latin_font())
