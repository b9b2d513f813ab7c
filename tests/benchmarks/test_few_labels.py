"""The learning curves with few labels: which images have one, and the table."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.few_labels import cells, table
from benchmarks.few_labels.sets import SETS, Parts, drawn
from tests.benchmarks.test_accuracy_splits import noise

POOL = noise(120)


def hashes(images: list[Any]) -> set[str]:
    return {image.sha256 for image in images}


def test_fewer_labels_are_among_the_more_and_no_labelled_image_is_unlabelled_as_well() -> None:
    few, rest = drawn(POOL, 20, seed=0)
    more, _ = drawn(POOL, 50, seed=0)
    assert (len(few), len(rest), len(more)) == (20, 100, 50)
    assert hashes(few) < hashes(more)
    assert not hashes(few) & hashes(rest)


def test_another_seed_labels_other_images_whatever_their_order() -> None:
    few, _ = drawn(POOL, 20, seed=0)
    assert hashes(drawn(POOL[::-1], 20, seed=0)[0]) == hashes(few)
    assert hashes(drawn(POOL, 20, seed=1)[0]) != hashes(few)


def test_without_labels_all_images_are_unlabelled() -> None:
    assert drawn(POOL, 0, seed=0) == ([], POOL)


def test_more_labels_than_there_are_images_are_all_of_them() -> None:
    assert (len(drawn(POOL, 500, seed=0)[0]), drawn(POOL, 500, seed=0)[1]) == (120, [])


def test_no_cell_learns_from_unlabelled_images_where_there_are_none() -> None:
    every = list(cells.cells(["wilhelmy"]))
    without = [each for each in every if each.settings["labels"] == "all"]
    assert without
    assert not any(each.settings["ingredients"]["self_training"] for each in without)
    assert len({each.path for each in every}) == len(every)


def test_without_labels_there_is_a_cell_for_whatever_reads_without_them() -> None:
    without = [each for each in cells.cells(["digits4"]) if each.settings["labels"] == 0]
    names = [each.settings["ingredients"]["name"] for each in without]
    assert names.count("starter") == 1, "It is the same for all seeds."
    assert names.count("self-training") == names.count("both") > 0
    assert "labels" not in names


def test_the_starter_reads_test_images_that_nobody_labelled_for() -> None:
    digits = SETS["digits4"]
    images = Parts(labelled=[], unlabelled=[], test=noise(3))
    architecture = cells.architecture_for(digits, 0)
    read = cells.measure_without_labels(digits, architecture, images, cells.INGREDIENTS[1], seed=0)
    assert (read["n"], len(read["outcomes"])) == (3, 3)


def test_labels_that_are_too_few_to_train_on_are_left_out_and_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    every = list(cells.cells(["varlen"]))
    assert {each.settings["labels"] for each in every} == {0, 50, 100, 200, "all"}
    assert "varlen: 25 labels are left out" in capsys.readouterr().out


def write(folder: Path, labels: int, ingredients: str, seed: int, outcomes: str) -> None:
    path = folder / "few_labels" / "wilhelmy" / f"{labels}-{ingredients}-{seed}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    settings = {"labels": labels, "ingredients": {"name": ingredients}}
    result = {"outcomes": outcomes, "right": outcomes.count("1"), "n": len(outcomes)}
    path.write_text(json.dumps({"settings": settings, "result": result}))


def test_the_table_pools_seeds_and_says_how_few_labels_are_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "RESULTS", tmp_path)
    assert table.section() == ""
    write(tmp_path, 50, "starter", 0, "1" * 9 + "0")
    write(tmp_path, 50, "both", 0, "1" * 10)
    write(tmp_path, 50, "both", 1, "1" * 9 + "0")
    page = table.section()
    row = next(line for line in page.splitlines() if line.startswith("| 50 |"))
    assert "90.0%" in row
    assert "95.0%" in row
    assert "n = 10, 2 seeds" in row
    assert "+ starter: not reached" in page
    assert "+ both: 50" in page
    assert set(SETS) - {"wilhelmy"} == {name for name in SETS if f"`{name}`" not in page}
