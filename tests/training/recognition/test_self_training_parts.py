"""What self-training decides: which readings to learn from, how right they are, when to stop. Nothing is trained."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.intervals import Share
from training.recognition.architectures import get_architecture
from training.recognition.checkpoints import UnusableCheckpoint
from training.recognition.data import Samples
from training.recognition.progress import BatchProgress, EpochMetrics
from training.recognition.self_training.drift import why_not
from training.recognition.self_training.listening import RoundListener, joined
from training.recognition.self_training.mixture import LABELLED_SHARE, mixture, strong
from training.recognition.self_training.precision import estimate_precision
from training.recognition.self_training.pseudo_labels import LabelFile, PseudoLabels, pseudo_labels
from training.recognition.self_training.round import Round
from training.recognition.self_training.taking import (
    FLOOR,
    TARGET,
    choose_threshold,
    missing_characters,
    take,
    variety,
)
from training.recognition.self_training.weak_reading import WeakReadings, shifted


def told(**changes: object) -> Round:
    values: dict[str, object] = {
        "number": 2, "taken": 90, "of": 100, "threshold": 0.8, "estimated_precision": 0.97, "low": 0.9, "high": 0.99,
        "checked": 20, "checked_right": 20, "agreement": 0.99, "missing": "", "validated_on": 25,
    }  # fmt: skip
    return Round(**(values | changes))  # type: ignore[arg-type]


def labels(texts: list[str], confidences: list[float] | None = None) -> PseudoLabels:
    sure = np.array(confidences or [0.99] * len(texts))
    return PseudoLabels(tuple(texts), sure, np.flatnonzero(sure >= 0.9), 0.9, None)


@given(st.lists(st.floats(0, 1), max_size=60))
def test_what_passes_the_threshold_is_as_sure_as_wanted_on_average(confidences: list[float]) -> None:
    given_ = np.array(confidences)
    passing = given_[given_ >= choose_threshold(given_)]
    assert not len(passing) or (passing.mean() >= TARGET - 1e-9 and passing.min() >= FLOOR)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_no_lower_threshold_would_do(confidences: list[float]) -> None:
    given_ = np.array(confidences)
    threshold = choose_threshold(given_)
    lower = given_[(given_ < threshold) & (given_ >= FLOOR)]
    if len(lower):
        assert given_[given_ >= lower.max()].mean() < TARGET


def test_a_sure_reader_has_nearly_all_of_its_readings_taken() -> None:
    confidences = np.array([0.999] * 95 + [0.7] * 5)
    assert (confidences >= choose_threshold(confidences)).all()


def test_of_equally_sure_readings_all_pass_or_none() -> None:
    confidences = np.array([1.0, 1.0, 0.9375, 0.9375])
    assert choose_threshold(confidences) == 1.0
    assert choose_threshold(np.ones(30), 1 / 3) == 1.0


def test_no_more_than_a_share_passes_where_that_is_wanted() -> None:
    confidences = np.linspace(0.98, 1, 100)
    assert (confidences >= choose_threshold(confidences, 0.25)).sum() == 25


def test_a_rare_character_is_learnt_from_the_surest_readings_that_have_it() -> None:
    texts = ["11"] * 20 + ["17"] * 6
    confidences = np.array([0.99] * 20 + [0.7, 0.8, 0.75, 0.2, 0.2, 0.2])
    taken = take(texts, confidences, 0.95)
    added = [index for index in taken if index >= 20]
    assert added
    assert added[0] == 21 or 21 in added
    assert all(confidences[index] >= FLOOR for index in added)


def test_without_rare_characters_the_threshold_alone_decides() -> None:
    texts = ["12", "21", "12", "21"]
    assert take(texts, np.array([0.99, 0.98, 0.7, 0.65]), 0.9).tolist() == [0, 1]


def test_missing_characters_are_named_in_the_order_of_the_alphabet() -> None:
    assert missing_characters(["13", "31"], "0123") == "02"


def test_variety_counts_characters_in_effect() -> None:
    assert variety(["0123"]) == pytest.approx(4)
    assert variety(["0000"]) == pytest.approx(1)
    assert variety([]) == 0


def test_held_out_readings_pull_an_estimate_and_narrow_its_interval() -> None:
    alone = estimate_precision([0.98] * 50, Share(0, 0))
    bad = estimate_precision([0.98] * 50, Share(60, 100))
    good = estimate_precision([0.98] * 50, Share(100, 100))
    assert alone.value == pytest.approx(0.98)
    assert bad.value < 0.7
    assert alone.interval.low < good.interval.low
    assert bad.interval.high < good.interval.low


def test_drawn_held_out_pictures_prove_less_than_real_ones() -> None:
    drawn = estimate_precision([0.98] * 50, Share(1000, 1000), is_drawn=True)
    real = estimate_precision([0.98] * 50, Share(1000, 1000))
    assert drawn.interval.low < 0.9 < real.interval.low


def test_of_no_pseudo_label_nothing_is_known() -> None:
    estimate = estimate_precision([], Share(0, 0))
    assert (estimate.value, estimate.interval.low, estimate.interval.high) == (0, 0, 1)


def test_what_was_taught_keeps_the_confidence_from_before_it_was_taught() -> None:
    former = labels(["11", "22", "33"], [0.95, 0.92, 0.5])
    now = pseudo_labels(WeakReadings(("11", "29", "33"), np.array([0.999, 0.999, 0.999])), former)
    assert now.confidences.tolist() == [0.95, 0.0, 0.999]
    assert now.agreement == 0.5
    assert 1 not in now.taken


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, ""),
        ({"taken": 3}, "Only 3 unlabelled images"),
        ({"estimated_precision": 0.6}, "would spread mistakes"),
        ({"agreement": 0.5}, "50% are read differently"),
        ({"estimated_precision": 0.82}, "clearly less right"),
    ],
)
def test_a_round_that_would_do_harm_is_not_trained(changes: dict[str, object], sentence: str) -> None:
    now, former = labels(["12", "34"] * 50), labels(["12", "34"] * 30)
    assert (sentence in why_not(now, told(**changes), former, told(number=1, taken=60))) is True
    assert bool(why_not(now, told(**changes), former, told(number=1, taken=60))) is bool(sentence)


def test_readings_that_collapse_to_few_characters_end_it() -> None:
    now, former = labels(["11"] * 90), labels(["1234"] * 60)
    assert "far fewer characters" in why_not(now, told(), former, told(number=1, taken=60))


def test_readings_that_do_not_change_any_more_end_it() -> None:
    now = labels(["12", "34"] * 45)
    assert "nothing new" in why_not(now, told(), now, told(number=1))


def test_pseudo_labels_come_back_from_their_file_and_only_for_the_same_pictures(tmp_path: Path) -> None:
    kept = labels(["12", "34", "56"], [0.99, 0.2, 0.95])
    LabelFile(tmp_path / "round-1", "these").write(kept, told())
    found = LabelFile(tmp_path / "round-1", "these").read()
    assert found is not None
    assert found[0].texts == kept.texts
    assert found[0].taken_texts == ("12", "56")
    assert found[1] == told()
    with pytest.raises(UnusableCheckpoint, match="other unlabelled images"):
        LabelFile(tmp_path / "round-1", "others").read()
    assert LabelFile(tmp_path / "round-2", "these").read() is None


def samples(count: int, value: int) -> Samples:
    return Samples(np.full((count, 1, 4, 8, 1), value, np.uint8), ("1",) * count)


def test_few_labels_are_shown_as_often_as_their_share_asks_and_drawn_pictures_no_more_than_readings() -> None:
    mixed = mixture(samples(10, 1), samples(500, 2), samples(60, 3), np.random.default_rng(0))
    values = mixed.pictures[:, 0, 0, 0, 0]
    assert (values == 3).sum() == (values == 2).sum() == 60
    assert LABELLED_SHARE <= (values == 1).mean() < LABELLED_SHARE + 0.1


def test_strong_augmentation_is_never_weaker_than_what_was_chosen() -> None:
    slots = get_architecture("slots")
    values = strong(slots.parse({"erase": 0.3, "learning_rate": 1e-6}))
    assert values["erase"] == 0.3
    assert values["blur"] > 0
    assert slots.parse(values)


def test_a_shift_moves_pictures_and_repeats_their_edge() -> None:
    picture = np.arange(12, dtype=np.uint8).reshape(1, 1, 3, 4, 1)
    moved = shifted(picture, 1, -1)[0, 0, :, :, 0]
    assert moved.tolist() == [[4, 4, 5, 6], [8, 8, 9, 10], [8, 8, 9, 10]]


class Heard:
    def __init__(self) -> None:
        self.batches: list[BatchProgress] = []
        self.epochs: list[EpochMetrics] = []

    def on_batch(self, progress: BatchProgress) -> None:
        self.batches.append(progress)

    def on_epoch(self, metrics: EpochMetrics) -> None:
        self.epochs.append(metrics)

    def should_stop(self) -> bool:
        return False


def epoch(number: int, seconds: float) -> EpochMetrics:
    return EpochMetrics(number, 1.0, 0.5, 0.5, 1.0, 0.5, 0.5, 0.001, seconds, best=True)


def test_epochs_and_progress_are_counted_through_all_rounds() -> None:
    heard = Heard()
    listener = RoundListener(heard, 1, 4, None, earlier_epochs=7, earlier_seconds=20.0)
    listener.on_batch(BatchProgress(2, 3, 5, 1.0, 0.5, 10.0, 10.0, 100.0))
    listener.on_epoch(epoch(2, 10.0))
    (batch,), (told_epoch,) = heard.batches, heard.epochs
    assert (batch.epoch, batch.seconds, batch.progress, batch.seconds_left) == (9, 30.0, 1.5 / 4, 50.0)
    assert (told_epoch.epoch, told_epoch.seconds) == (9, 30.0)


def test_with_a_time_limit_progress_is_the_clock_reading_included() -> None:
    heard = Heard()
    RoundListener(heard, 1, 4, 100.0, 7, 20.0, other_seconds=10.0).on_batch(
        BatchProgress(1, 1, 5, 1.0, 0.5, 10.0, 5.0, 100.0)
    )
    assert (heard.batches[0].progress, heard.batches[0].seconds_left) == (0.4, 60.0)


def test_joined_histories_are_one_behind_the_other() -> None:
    whole = joined([([epoch(1, 2.0), epoch(2, 4.0)], 5.0), ([epoch(1, 1.0)], 1.0)])
    assert [(each.epoch, each.seconds) for each in whole] == [(1, 2.0), (2, 4.0), (3, 6.0)]
