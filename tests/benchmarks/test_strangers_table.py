"""The table of other tests of strangers."""

from benchmarks.out_of_family.table import rivals_table


def counted(n: int, shipped: int, energy: int) -> dict[str, int]:
    return {"n": n, "shipped": shipped, "energy": energy}


def test_sets_are_counted_together_as_they_are_resized_and_apart_from_other_things() -> None:
    found = {
        "varlen": counted(100, 100, 50),
        "varlen, resized": counted(100, 90, 40),
        "hackmit": counted(300, 280, 10),
        "hackmit, resized": counted(300, 30, 20),
        "noise": counted(50, 50, 0),
    }
    table = rivals_table({"digits4": {"own": counted(200, 2, 4), "strangers": found}})
    assert table.splitlines() == [
        "| family | images | shipped | energy |",
        "|---|---|---|---|",
        "| `digits4` | its own, n = 200 | 1.0 % | 2.0 % |",
        "| `digits4` | other sets, n = 400 | 95.0 % | 15.0 % |",
        "| `digits4` | other sets, resized, n = 400 | 30.0 % | 15.0 % |",
        "| `digits4` | other things, n = 50 | 100.0 % | 0.0 % |",
    ]
