"""In what runs differ: everything that was frozen at their start, and nothing that is alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from labeling.recipe_form import describe
from training.model_card import hyperparameter_values
from training.models import Run
from training.querysets import architecture_title


@dataclass(frozen=True)
class Difference:
    """One thing in which runs differ, with a value per run; an empty one where a run has nothing of the kind."""

    title: str
    values: list[str]


def run_differences(runs: Sequence[Run]) -> list[Difference]:
    """Return what is not the same in all runs, which come with their datasets and preparations."""
    facts = [_facts(run) for run in runs]
    titles = list(dict.fromkeys(title for of_run in facts for title in of_run))
    rows = [Difference(title, [of_run.get(title, "") for of_run in facts]) for title in titles]
    return [row for row in rows if len(set(row.values)) > 1]


def _facts(run: Run) -> dict[str, str]:
    recipe, dataset = run.preparation.recipe, run.dataset
    facts = {
        "Learns from": run.get_teaching_display(),
        "Architecture": architecture_title(run.architecture),
        "Dataset": f"version {dataset.number}, {dataset.hash[:12]}",
        "Images to train on": f"{dataset.train_count:,}",
        "Images to validate": f"{dataset.validation_count:,}",
        "Images to test": f"{dataset.test_count:,}",
        "Preparation": ", ".join(describe(step) for step in recipe.steps),
        "Slicing": describe(recipe.slicing),
        "Unlabelled images": "learnt from" if run.self_training else "left out",
        "Minutes allowed": _written(run.max_minutes),
        "Epochs allowed": _written(run.max_epochs),
        "Seed": str(run.seed),
    }
    facts |= {each.title: _written(each.value) for each in hyperparameter_values(run)}
    facts |= {"Code": run.code_version, "Worker": run.worker.partition(":")[0]}
    return facts | {f"Package {name}": str(version) for name, version in run.packages.items()}


def _written(value: Any) -> str:
    if value is None:
        return "not limited"
    return f"{value:g}" if isinstance(value, float) else str(value)
