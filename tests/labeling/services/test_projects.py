import pytest
from django.core.files.storage import default_storage
from hypothesis import given
from hypothesis import strategies as st

from labeling.errors import Refused
from labeling.models import Image, Member, Project, Role
from labeling.services.preparations import current_preparation
from labeling.services.projects import (
    clean_alphabet,
    create_project,
    delete_project,
    parse_length,
    update_project,
)
from tests.factories import add_images, make_project, make_user
from training.leftovers import cache_folder, run_folder, studies_folder
from training.services.runs import create_run


@pytest.mark.parametrize(("text", "expected"), [("5", (5, 5)), ("4-8", (4, 8)), (" 4 – 8 ", (4, 8))])
def test_a_length_is_a_number_or_a_range(text: str, expected: tuple[int, int]) -> None:
    assert parse_length(text) == expected


@pytest.mark.parametrize("text", ["", "0", "8-4", "five", "1-99", "-3", "4-8-9"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="length"):
        parse_length(text)


@given(st.text(max_size=60), st.booleans())
def test_a_clean_alphabet_has_no_blanks_and_no_repeats(text: str, case_sensitive: bool) -> None:
    try:
        alphabet = clean_alphabet(text, case_sensitive=case_sensitive)
    except Refused:
        return
    seen = alphabet if case_sensitive else [character.casefold() for character in alphabet]
    assert len(set(seen)) == len(alphabet)
    assert not any(character.isspace() for character in alphabet)


@pytest.mark.django_db
def test_whoever_creates_a_project_owns_it_and_it_has_a_preparation() -> None:
    user = make_user()
    project = create_project(user=user, name=" tickets ", alphabet="0123", min_length=4, max_length=4)
    assert project.name == "tickets"
    assert Member.objects.get(project=project).role == Role.OWNER
    assert current_preparation(project).version == 1


@pytest.mark.django_db
def test_a_taken_name_is_refused() -> None:
    project = make_project(name="one")
    other = make_project(name="two")
    with pytest.raises(Refused, match="already"):
        make_project(name="one")
    with pytest.raises(Refused, match="already"):
        update_project(project=other, user=None, name=project.name, description="")


@pytest.mark.django_db
def test_deleting_a_project_takes_its_rows_and_files_and_nothing_else() -> None:
    kept, gone = make_project(name="kept"), make_project(name="gone")
    texts = [f"{number:03d}" for number in range(20)]
    kept_image = add_images(kept, texts)[0]
    gone_image = add_images(gone, texts)[0]
    run = create_run(project=gone, user=gone.created_by)
    on_disk = [run_folder(run.pk), cache_folder(gone.pk), studies_folder(gone.pk)]
    for folder in on_disk:
        folder.mkdir(parents=True)
    delete_project(project=gone)
    assert not any(folder.exists() for folder in on_disk)
    assert list(Project.objects.all()) == [kept]
    assert Image.objects.count() == 20
    assert default_storage.exists(kept_image.file.name)
    assert not default_storage.exists(gone_image.file.name)
