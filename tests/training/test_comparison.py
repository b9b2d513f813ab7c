"""Which test images runs share, who reads more of them, and what the page says of it."""

import pytest

from labeling.models import Image, ImageStatus, Project, Split
from tests.factories import add_images, make_project, pin, texts
from tests.training.views.rows import add_model, add_run, keep_readings
from training.comparison import compare_runs, disagreements
from training.comparison_words import left_out_words, shared_words, verdict
from training.models import DatasetItem, Run
from training.recognition.comparison import PairedComparison
from training.run_curves import run_curves
from training.run_differences import run_differences

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    project = make_project()
    pin(add_images(project, texts(40))[:8], Split.TEST)
    return project


def read_run(project: Project, wrong: set[int] = frozenset(), *, confidence: float = 0.9) -> Run:  # type: ignore[assignment]
    """A run whose model has read every validation and test image, the `wrong` ones as 000."""
    run = add_run(project)
    items = DatasetItem.objects.filter(dataset=run.dataset).exclude(split=Split.TRAIN)
    read = {pk: "000" if pk in wrong else text for pk, text in items.values_list("image", "text")}
    keep_readings(add_model(run), read, confidence)
    return Run.objects.select_related("dataset", "preparation", "model", "project", "summary").get(pk=run.pk)


def images_for_testing(run: Run) -> list[int]:
    items = DatasetItem.objects.filter(dataset=run.dataset, split=Split.TEST)
    return sorted(items.values_list("image", flat=True))


def test_runs_on_one_dataset_share_all_of_its_test_images(project: Project) -> None:
    first = read_run(project)
    wrong = set(images_for_testing(first)[:2])
    second = read_run(project, wrong)
    comparison = compare_runs(project, [first, second])
    assert list(comparison.shared.texts) == images_for_testing(first)
    assert comparison.shared.left_out.total == 0
    one, other = comparison.outcomes
    assert (one.share.count, other.share.count) == (
        len(images_for_testing(first)),
        len(images_for_testing(first)) - 2,
    )
    assert comparison.pair(one, other) == PairedComparison(len(images_for_testing(first)) - 2, 2, 0, 0)


def test_images_that_one_of_the_runs_was_trained_on_or_never_had_are_left_out_and_counted(
    project: Project,
) -> None:
    first = read_run(project)
    add_images(project, texts(40, seed=7), seed=900)
    second = read_run(project)
    [trained_on, *_] = images_for_testing(first)
    DatasetItem.objects.filter(dataset=second.dataset, image=trained_on).update(split=Split.TRAIN)
    new = set(images_for_testing(second)) - set(images_for_testing(first))
    shared = compare_runs(project, [first, second]).shared
    assert set(shared.texts) == set(images_for_testing(first)) - {trained_on}
    assert (shared.left_out.used, shared.left_out.missing, shared.left_out.unread) == (1, len(new), 0)
    assert left_out_words(shared.left_out)[0] == (
        "1 image left out because one of the runs was trained on it or chose its best epoch by it."
    )
    assert f"Compared by {shared.n} of {shared.n + 1 + len(new)} test images" in shared_words(shared)


def test_an_image_that_a_model_has_not_read_is_left_out(project: Project) -> None:
    first, second = read_run(project), read_run(project)
    [gone, *_] = images_for_testing(first)
    row = second.model.readings
    row.rows = [each for each in row.rows if each[0] != gone]
    row.save()
    shared = compare_runs(project, [first, second]).shared
    assert gone not in shared.texts
    assert shared.left_out.unread == 1


def test_the_newest_text_of_an_image_is_the_true_one(project: Project) -> None:
    first = read_run(project)
    [image, *_] = images_for_testing(first)
    Image.objects.filter(pk=image).update(text="111", status=ImageStatus.LABELLED)
    second = read_run(project)
    comparison = compare_runs(project, [first, second])
    assert comparison.shared.texts[image] == "111"
    assert [one.right[image] for one in comparison.outcomes] == [False, True]


def test_where_case_does_not_matter_readings_that_differ_in_case_alone_are_the_same() -> None:
    project = make_project(alphabet="abc", min_length=1, max_length=1)
    add_images(project, list("abcabcabcabcabc"))
    first, second = read_run(project), read_run(project)
    row = second.model.readings
    row.rows = [[pk, text.upper(), sure] for pk, text, sure in row.rows]
    row.save()
    comparison = compare_runs(project, [first, second])
    assert all(one.share.value == 1 for one in comparison.outcomes)
    assert disagreements(comparison.shared, *comparison.outcomes) == []


def test_images_that_only_one_reads_right_come_before_those_that_both_read_wrong(project: Project) -> None:
    first = read_run(project)
    both_wrong, only_first, *_ = images_for_testing(first)
    first = read_run(project, {both_wrong})
    second = read_run(project, {both_wrong, only_first})
    row = second.model.readings
    row.rows = [[pk, "999" if pk == both_wrong else text, sure] for pk, text, sure in row.rows]
    row.save()
    comparison = compare_runs(project, [first, second])
    one, other = comparison.outcomes
    found = disagreements(comparison.shared, one, other)
    assert [each.image_id for each in found] == [only_first, both_wrong]
    assert (found[0].first_right, found[0].second_right, found[0].second.text) == (True, False, "000")
    assert [each.image_id for each in disagreements(comparison.shared, one, other, only="first")] == [
        only_first
    ]
    assert disagreements(comparison.shared, one, other, only="second") == []


def test_a_model_without_readings_is_named_and_judges_nobody(project: Project) -> None:
    first = read_run(project)
    old = add_model(add_run(project)).run
    comparison = compare_runs(project, [first, old])
    assert comparison.unread == [old.model]
    assert [one.run for one in comparison.outcomes] == [first]


@pytest.mark.parametrize(
    ("pair", "better", "sentence"),
    [
        (
            PairedComparison(80, 12, 3, 5),
            1,
            "Run 7 reads 12 images right that run 5 does not, the other way round 3; such a difference would come "
            "by chance in 3.5 % of cases: run 7 is better.",
        ),
        (
            PairedComparison(80, 3, 12, 5),
            2,
            "Run 5 reads 12 images right that run 7 does not, the other way round 3; such a difference would come "
            "by chance in 3.5 % of cases: run 5 is better.",
        ),
        (
            PairedComparison(80, 1, 3, 5),
            0,
            "Run 5 reads 3 images right that run 7 does not, the other way round 1; such a difference would come "
            "by chance in 62.5 % of cases: they cannot be told apart.",
        ),
        (
            PairedComparison(8, 0, 0, 2),
            0,
            "Run 7 and run 5 read the very same images right: they cannot be told apart.",
        ),
        (
            PairedComparison(0, 0, 0, 0),
            0,
            "Run 7 and run 5 share no test images, so they cannot be compared.",
        ),
    ],
)
def test_the_verdict_is_a_sentence(pair: PairedComparison, better: int, sentence: str) -> None:
    words = verdict("Run 7", "Run 5", pair)
    assert (words.better, words.headline) == (better, sentence)


def test_the_verdict_tells_the_interval_and_when_there_are_too_few_images() -> None:
    words = verdict("Run 7", "Run 5", PairedComparison(80, 3, 12, 5))
    assert words.evidence == "The difference is 9.0 percentage points (95 % interval 0.6 to 16.3, n = 100)."
    assert "takes at least 6" in verdict("Run 7", "Run 5", PairedComparison(80, 4, 0, 5)).evidence


def test_an_unlikely_chance_is_never_told_as_none() -> None:
    assert "fewer than 0.1 %" in verdict("Run 7", "Run 5", PairedComparison(0, 60, 0, 0)).headline


def test_only_what_differs_is_listed(project: Project) -> None:
    first = add_run(project, seed=1, code_version="v1", packages={"keras": "3.12.0"})
    second = add_run(
        project, seed=2, code_version="v1", packages={"keras": "3.12.1"}, hyperparameters={"batch_size": 8}
    )
    rows = {row.title: row.values for row in run_differences([first, second])}
    assert rows["Seed"] == ["1", "2"]
    assert rows["Package keras"] == ["3.12.0", "3.12.1"]
    assert rows["Batch size"][1] == "8"
    assert {"Dataset", "Architecture", "Preparation", "Code"}.isdisjoint(rows)


def test_curves_of_long_and_short_runs_have_no_gaps_and_a_bounded_number_of_points(project: Project) -> None:
    long, short = add_run(project, epochs=2000), add_run(project, epochs=300)
    curves = run_curves([long, short])
    assert len(curves["epochs"]) < 510
    assert curves["epochs"][-1] == 2000
    values = curves["runs"][str(short.number)]["validation_accuracy"]
    known = [value is not None for value in values]
    assert known == sorted(known, reverse=True)
    assert sum(known) == sum(epoch <= 300 for epoch in curves["epochs"])
