from training.coverage_words import coverage_words, percent, unattended
from training.recognition.coverage import Coverage

CHOSEN = Coverage(0.97, n=100, accepted=92, right=92)


def test_a_threshold_that_is_proven_is_told_with_its_numbers() -> None:
    words = coverage_words(CHOSEN, Coverage(0.97, n=1000, accepted=912, right=911))
    assert words.headline == (
        "91.2 % of images can be read unattended at 99 % precision: a confidence of at least 0.97."
    )
    assert words.evidence == (
        "Of 1,000 test images, 912 were read so surely, and 911 of them right: 99.9 % (95 % interval 99.4 % to 99.9 %)."
    )


def test_what_a_model_reads_unattended_is_told_as_tested_or_else_as_chosen() -> None:
    tested = Coverage(0.97, n=1000, accepted=912, right=911)
    metrics = {"validation": {"coverage": CHOSEN.to_json()}}
    assert unattended(metrics) == coverage_words(CHOSEN, CHOSEN, "validation images")
    assert unattended(metrics | {"test": {"coverage": tested.to_json()}}) == coverage_words(CHOSEN, tested)
    assert "was not measured" in unattended({}).headline


def test_too_few_images_to_prove_it_say_how_many_it_takes() -> None:
    words = coverage_words(CHOSEN, Coverage(0.97, n=50, accepted=45, right=45))
    assert words.headline.startswith("90.0 % of images")
    assert "at least 381" in words.evidence


def test_a_likely_threshold_is_not_called_proven() -> None:
    words = coverage_words(CHOSEN, Coverage(0.97, n=1000, accepted=1000, right=993))
    assert "at 99 % precision" in words.headline
    assert "a little more confidence to be safe" in words.evidence


def test_a_threshold_that_may_just_keep_its_promise_is_called_about_so_precise() -> None:
    words = coverage_words(CHOSEN, Coverage(0.97, n=1000, accepted=1000, right=987))
    assert "at about 99 % precision" in words.headline
    assert "a little more confidence to be safe" in words.evidence


def test_a_threshold_that_breaks_its_promise_is_told() -> None:
    words = coverage_words(CHOSEN, Coverage(0.97, n=100, accepted=90, right=85))
    assert words.headline == "Fewer than 99 % of what is read with a confidence of at least 0.97 are right."
    assert "94.4 %" in words.evidence


def test_where_no_threshold_was_found_nothing_can_be_read_unattended() -> None:
    nothing = Coverage(None, n=40, accepted=0, right=0)
    assert coverage_words(nothing, nothing).headline.startswith("Nothing can be read unattended")


def test_where_no_image_is_read_so_surely_nothing_is_known() -> None:
    assert "not known yet" in coverage_words(CHOSEN, Coverage(0.97, n=10, accepted=0, right=0)).headline


def test_what_is_imperfect_is_never_rounded_up_to_100() -> None:
    assert [percent(0.9999), percent(1.0), percent(0.5)] == ["99.9 %", "100.0 %", "50.0 %"]
