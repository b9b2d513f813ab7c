"""Trainings of refiners, all for real and small enough for seconds."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.training.recognition.refinement.pictures import (
    blank,
    dark_on_light,
    faded,
    faintly_grained,
    large_shapes,
    small,
)
from tests.training.recognition.refinement.watcher import Watcher
from training.recognition.progress import TrainingFailed
from training.recognition.refinement import (
    Refiner,
    RefinerResult,
    UnusableRefiner,
    train_refiner,
)
from training.recognition.refinement.collapse import keeps_text
from training.recognition.refinement.measures import patch_distance
from training.recognition.refinement.networks import build_change
from training.recognition.refinement.presets import Feature

N = 96


def train(folder: Path, changes: dict[str, Any] | None = None, **arguments: Any) -> RefinerResult:
    defaults: dict[str, Any] = {
        "synthetic": dark_on_light(N),
        "real": faded(N, seed=1),
        "preset": small(**(changes or {})),
        "folder": folder,
    }
    return train_refiner(**(defaults | arguments))


@pytest.fixture(scope="module")
def fading(tmp_path_factory: pytest.TempPathFactory) -> tuple[RefinerResult, Watcher]:
    """A refiner that has learnt to fade its pictures."""
    watcher = Watcher()
    changes = {"rounds": 120, "checkpoint_rounds": 40, "regularisation": 0.3}
    return train(tmp_path_factory.mktemp("refiner"), changes, listener=watcher), watcher


def test_refined_pictures_come_closer_to_real_ones_and_keep_their_text(
    fading: tuple[RefinerResult, Watcher],
) -> None:
    result, _ = fading
    assert result.ending == "finished"
    assert result.best is not None
    assert result.comes_closer
    assert result.best.patch_distance < 0.6 * result.synthetic_distance
    assert result.best.text_kept > 0.8
    fresh, real = dark_on_light(64, seed=5), faded(64, seed=6)
    assert patch_distance(result.refiner.refine(fresh), real) < 0.7 * patch_distance(fresh, real)


def test_a_listener_gets_losses_and_rows_of_pictures(fading: tuple[RefinerResult, Watcher]) -> None:
    result, watcher = fading
    assert [each.round for each in watcher.checkpoints] == [0, 40, 80, 120]
    assert list(result.history) == watcher.checkpoints
    stages = [each.stage for each in watcher.progress]
    assert stages == ["pre-training the discriminator"] * 40 + ["refining"] * 120
    last = watcher.progress[-1]
    assert None not in (last.adversarial_loss, last.change, last.discriminator_loss)
    assert last.progress == 1
    assert last.seconds_left == 0
    for rows in watcher.rows:
        assert rows.synthetic.shape == rows.refined.shape == rows.real.shape == (8, 24, 48, 3)
        np.testing.assert_array_equal(rows.synthetic, watcher.rows[0].synthetic)
    assert result.last is not None
    shown = watcher.rows[-1]
    np.testing.assert_array_equal(result.last.refine(shown.synthetic), shown.refined)
    # Before the first round the refiner leaves pictures as they are; later it does not.
    np.testing.assert_array_equal(watcher.rows[0].refined, watcher.rows[0].synthetic)
    assert (watcher.rows[-1].refined != watcher.rows[-1].synthetic).any()


def test_a_saved_refiner_refines_the_same(fading: tuple[RefinerResult, Watcher], tmp_path: Path) -> None:
    result, _ = fading
    result.refiner.save(tmp_path / "refiner.keras")
    loaded = Refiner.load(tmp_path / "refiner.keras")
    pictures = dark_on_light(70, seed=3)
    np.testing.assert_array_equal(loaded.refine(pictures), result.refiner.refine(pictures))
    assert loaded.refine(pictures[:0]).shape == (0, 24, 48, 3)


@pytest.mark.parametrize("content", [b"", b"no refiner", b"PK\x03\x04 but broken"])
def test_a_file_that_is_no_refiner_says_so(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "wrong.keras").write_bytes(content)
    with pytest.raises(UnusableRefiner, match=r"wrong\.keras is not a refiner"):
        Refiner.load(tmp_path / "wrong.keras")


def test_a_refiner_refuses_pictures_of_another_size(fading: tuple[RefinerResult, Watcher]) -> None:
    result, _ = fading
    for wrong in (dark_on_light(2)[:, :-1], dark_on_light(2)[..., :1], dark_on_light(2) / 255):
        with pytest.raises(UnusableRefiner, match="48 x 24 pixels with 3 channels"):
            result.refiner.refine(wrong)


def test_an_interrupted_training_goes_on_and_ends_as_it_would_have(tmp_path: Path) -> None:
    whole = train(tmp_path / "whole")
    stopped = train(tmp_path / "parts", listener=Watcher(stop_after=40 + 13))
    assert stopped.ending == "stopped"
    assert stopped.history[-1].round == 13
    resumed = train(tmp_path / "parts")
    assert [each.round for each in resumed.history] == [0, 10, 13, 20]
    assert resumed.ending == whole.ending == "finished"
    assert resumed.history[-1].patch_distance == pytest.approx(whole.history[-1].patch_distance, abs=1e-4)
    again = train(tmp_path / "parts")
    assert again.history == resumed.history
    pictures = dark_on_light(8, seed=9)
    np.testing.assert_array_equal(again.refiner.refine(pictures), resumed.refiner.refine(pictures))


def test_a_training_stopped_in_its_pre_training_has_no_history(tmp_path: Path) -> None:
    result = train(tmp_path, listener=Watcher(stop_after=5))
    assert (result.ending, result.history, result.best) == ("stopped", (), None)
    assert "ended in its pre-training" in result.message


def test_a_training_ends_with_its_time(tmp_path: Path) -> None:
    result = train(tmp_path, {"rounds": 100_000}, max_minutes=0.02)
    assert result.ending == "out of time"
    assert result.seconds >= 1.2


def test_time_may_run_out_before_the_first_checkpoint(tmp_path: Path) -> None:
    result = train(tmp_path, max_minutes=0)
    assert (result.ending, result.history) == ("out of time", ())


def test_another_refiners_folder_is_refused(tmp_path: Path) -> None:
    train(tmp_path, {"rounds": 1})
    with pytest.raises(TrainingFailed, match="checkpoint of another refiner"):
        train(tmp_path, {"rounds": 1}, real=faded(N, seed=7))


def test_a_damaged_checkpoint_is_refused(tmp_path: Path) -> None:
    (tmp_path / "refiner.npz").write_bytes(b"damaged")
    with pytest.raises(TrainingFailed, match=r"refiner\.npz cannot be read"):
        train(tmp_path)


def test_the_papers_refiner_learns_first_to_leave_pictures_as_they_are(tmp_path: Path) -> None:
    """With its resolution and its drawing anew; grey pictures with odd sides besides."""
    grey = [pictures[:, :23, :47, :1] for pictures in (dark_on_light(N), 255 - dark_on_light(N, seed=1))]
    like_paper = {"stride": 1, "begins_unchanged": False, "refiner_pretraining": 150, "rounds": 2}
    watcher = Watcher()
    result = train(tmp_path, like_paper, synthetic=grey[0], real=grey[1], listener=watcher)
    changes = [each.change for each in watcher.progress if each.stage == "pre-training the refiner"]
    assert len(changes) == 150
    assert changes[0] is not None
    assert changes[-1] is not None
    assert changes[-1] < changes[0] / 3
    assert result.history[0].text_kept > 0.8
    assert result.refiner.refine(grey[0]).shape == (N, 23, 47, 1)


def test_self_regularisation_holds_the_refiner_back(tmp_path: Path) -> None:
    free, held = (
        train(tmp_path / str(weight), {"regularisation": weight, "rounds": 40}).history[-1].change
        for weight in (0.0, 30.0)
    )
    assert free is not None
    assert held is not None
    assert held < free / 2


@pytest.mark.parametrize(
    ("feature", "sees_colours", "sees_brightness"),
    [("pixels", True, True), ("grey", False, True), ("edges", False, False)],
)
def test_a_feature_sees_strokes_but_not_all_that_is_even(
    feature: Feature, sees_colours: bool, sees_brightness: bool
) -> None:
    import keras

    def sees(change: NDArray[np.float32]) -> bool:
        picture = keras.Input((4, 6, 3))
        changing = keras.Model(picture, picture + keras.ops.convert_to_tensor(change))
        pictures = np.zeros((1, 4, 6, 3), np.float32)
        return bool(np.abs(build_change(changing, feature).predict_on_batch(pictures)).max() > 1e-6)

    nothing = np.zeros((4, 6, 3), np.float32)
    stroke = np.eye(4, 6, dtype=np.float32)[..., None] * np.ones(3, np.float32)
    assert sees(stroke)
    assert not sees(nothing)
    assert sees(nothing + np.array([0.2, -0.1, -0.1], np.float32)) == sees_colours
    assert sees(nothing + np.float32(0.2)) == sees_brightness


def test_equal_looks_leave_nothing_to_refine(tmp_path: Path) -> None:
    result = train(tmp_path, real=dark_on_light(N, seed=1))
    assert result.ending == "nothing to refine"
    assert "cannot tell synthetic from real pictures" in result.message
    assert result.last is None
    assert result.best is not None
    assert result.best.round == 0


def test_a_discriminator_that_wins_entirely_ends_the_training(tmp_path: Path) -> None:
    """The refiner is not allowed any change, so nothing that it draws passes for real."""
    changes = {"rounds": 1000, "regularisation": 1e4}
    result = train(tmp_path, changes, real=255 - dark_on_light(N, seed=1))
    assert result.ending == "discriminator won"
    assert result.history[-1].round < 1000
    assert "takes 0.0% of the refined ones for real" in result.message


def test_refined_pictures_that_all_look_alike_end_the_training(tmp_path: Path) -> None:
    """Real pictures are mostly empty, and nothing holds the refiner back from emptying its own."""
    changes = {"rounds": 2000, "checkpoint_rounds": 25, "regularisation": 0.0, "learning_rate": 0.003}
    result = train(tmp_path, changes, real=large_shapes(N))
    assert result.ending == "all alike"
    assert "all look alike" in result.message
    assert result.best is not None
    assert keeps_text(result.best)


def test_refined_pictures_that_lose_their_text_end_the_training(tmp_path: Path) -> None:
    """Real pictures have none, and nothing holds the refiner back from taking it away."""
    changes = {"rounds": 2000, "checkpoint_rounds": 25, "regularisation": 0.0, "learning_rate": 0.003}
    synthetic, real = (faintly_grained(each) for each in (dark_on_light(N), blank(N, seed=1)))
    result = train(tmp_path, changes, synthetic=synthetic, real=real)
    assert result.ending == "text lost"
    assert "lose their text" in result.message
    assert result.best is not None
    assert keeps_text(result.best)


def test_losses_that_are_no_numbers_end_the_training(tmp_path: Path) -> None:
    result = train(tmp_path, {"discriminator_learning_rate": 1e30})
    assert result.ending == "not finite"
    assert "no finite number" in result.message
    pictures = dark_on_light(2)
    np.testing.assert_array_equal(result.refiner.refine(pictures), pictures)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"synthetic": dark_on_light(31)}, "There are 31 synthetic pictures: give at least 32"),
        ({"real": faded(5)}, "There are 5 real pictures"),
        ({"real": faded(N)[:, :20]}, "draw synthetic pictures in the size of the real ones"),
        ({"real": faded(N) / 255}, "The real pictures are float64"),
        ({"real": faded(N)[..., :2]}, "with one or three channels"),
        ({"synthetic": dark_on_light(N)[:, :4]}, "48 x 4 pixels"),
        ({"real": np.full((N, 24, 48, 3), 7, np.uint8)}, "All real pictures are the same"),
    ],
)
def test_pictures_that_can_teach_nothing_are_refused(
    arguments: dict[str, Any], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(TrainingFailed, match=sentence):
        train(tmp_path, **arguments)


def test_an_unknown_preset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="choose among narrow, paper"):
        train(tmp_path, preset="wide")


def test_a_checkpoint_is_made_of_plain_values(fading: tuple[RefinerResult, Watcher]) -> None:
    result, _ = fading
    for checkpoint in result.history:
        for value in dataclasses.asdict(checkpoint).values():
            assert value is None or type(value) in (int, float, bool)
