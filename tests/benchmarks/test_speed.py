"""Statistics of timings, and counted operations."""

import pytest

from benchmarks.speed.timing import interleaved, ratio, summary


def test_the_interval_of_a_median_holds_it() -> None:
    found = summary([float(value) for value in range(101)])
    assert found["low"] < found["median"] == 50 < found["high"]


def test_a_ratio_of_equal_rounds_is_certain() -> None:
    assert ratio([2.0] * 20, [1.0] * 20) == {"ratio": 2.0, "low": 2.0, "high": 2.0}


def test_the_interval_of_a_ratio_holds_it() -> None:
    found = ratio([20.0, 22.0, 24.0, 30.0, 21.0], [1.0, 1.1, 0.9, 1.2, 1.0])
    assert found["low"] <= found["ratio"] == 22.0 <= found["high"]


def test_what_is_compared_runs_in_turns() -> None:
    heard: list[str] = []
    interleaved({name: lambda turn, name=name: heard.append(name) for name in "ab"}, rounds=2)
    assert "".join(heard).endswith("abab")


def test_operations_of_a_convolution_and_a_dense_layer_are_counted() -> None:
    keras = pytest.importorskip("keras")
    from benchmarks.speed.flops import forward_flops

    picture = keras.Input((8, 8, 3))
    features = keras.layers.Conv2D(4, 3, padding="same")(picture)
    network = keras.Model(picture, keras.layers.Dense(5)(keras.layers.Flatten()(features)))
    assert forward_flops(network) == 2 * (8 * 8 * 3 * 3 * 3 * 4 + 8 * 8 * 4 * 5)


def test_operations_of_the_default_are_counted() -> None:
    from benchmarks.accuracy.fitting import GREY, task_of
    from benchmarks.speed.flops import forward_flops
    from benchmarks.speed.readers import Timed

    assert forward_flops(Timed("slots", task_of("0123456789", 4, 4, GREY), ()).network().network) > 10**6
