import pytest

from labeling.errors import Refused
from labeling.imaging.recipe import Recipe
from labeling.jobs import JobState
from labeling.services.preparations import save_preparation
from tests.factories import add_images, make_project, texts
from training.recognition.architectures import FEW_IMAGES
from training.services.runs import create_run, resume_run, stop_run

pytestmark = pytest.mark.django_db


def test_a_run_writes_down_what_it_depends_on() -> None:
    project = make_project()
    add_images(project, texts(20))
    run = create_run(project=project, user=project.created_by, seed=7, max_epochs=3)
    assert (run.state, run.number, run.seed, run.dataset.item_count) == (JobState.QUEUED, 1, 7, 20)
    assert run.packages["keras"]
    assert run.code_version


@pytest.mark.parametrize(("labels", "name"), [(FEW_IMAGES - 1, "ctc"), (FEW_IMAGES, "slots")])
def test_a_run_with_few_labels_takes_what_reads_most_with_few(labels: int, name: str) -> None:
    project = make_project()
    add_images(project, texts(labels))
    assert create_run(project=project, user=project.created_by).architecture == name


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"architecture": "nonsense"}, "nonsense"),
        ({"hyperparameters": {"wings": 2}}, "wings"),
        ({"max_minutes": 0.0}, "more than zero"),
        ({"max_epochs": 0}, "a run takes 1 to 100000"),
        ({"max_minutes": float("nan")}, "more than zero"),
        ({"max_minutes": float("inf")}, "at most 10080"),
        ({"seed": -1}, "from 0 to 2147483647"),
        ({"seed": 2**40}, "from 0 to 2147483647"),
    ],
)
def test_a_wish_that_cannot_work_is_refused_in_words(wish: dict[str, object], sentence: str) -> None:
    project = make_project()
    add_images(project, texts(20))
    with pytest.raises(Refused, match=sentence):
        create_run(project=project, user=project.created_by, **wish)  # type: ignore[arg-type]
    assert not project.runs.exists()


def test_slices_that_the_preparation_does_not_cut_are_refused() -> None:
    project = make_project()
    add_images(project, texts(20))
    whole = Recipe.from_json(
        {"steps": [{"step": "channel", "channel": "grey"}], "slicing": {"slicing": "none"}}
    )
    save_preparation(project=project, user=project.created_by, recipe=whole)
    with pytest.raises(Refused):
        create_run(project=project, user=project.created_by, architecture="tiny_vgg")


def test_a_queued_run_stops_at_once_and_can_be_resumed() -> None:
    project = make_project()
    add_images(project, texts(20))
    run = create_run(project=project, user=project.created_by)
    stop_run(run=run)
    assert run.state == JobState.STOPPED
    resume_run(run=run)
    assert run.state == JobState.QUEUED
    with pytest.raises(Refused, match="queued"):
        resume_run(run=run)
