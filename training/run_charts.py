"""The charts on the page of a run."""

from typing import Any

from training.charts import Chart, Series
from training.models import Run

TRAINING, VALIDATION = "--ink-faint", "--accent"


def run_charts(run: Run, *, follows_positions: bool) -> list[Chart]:
    """Return the charts of a run's epochs. Where each position has a network of its own, texts are characters."""

    def chart(name: str, title: str, series: tuple[Series, ...], **more: Any) -> Chart:
        full_title, file_name = f"{run}: {title.lower()}", f"run-{run.number}-{name}"
        return Chart(name, title, full_title, file_name, series, **more)

    share: dict[str, Any] = {"format": "percent", "low": 0.0, "high": 1.0}
    accuracy = "Accuracy of the single positions" if follows_positions else "Whole-string accuracy"
    note = (
        "Each begins untrained: where the curves fall back, the next one begins." if follows_positions else ""
    )
    charts = [chart("accuracy", accuracy, _both("whole_string_accuracy"), note=note, **share)]
    if not follows_positions:
        charts.append(chart("characters", "Character accuracy", _both("character_accuracy"), **share))
    charts.append(chart("loss", "Loss", _both("loss"), note="Nats per character", low=0.0))
    rate = (Series("learning_rate", "Learning rate", VALIDATION),)
    return [*charts, chart("learning-rate", "Learning rate", rate, format="small", low=0.0)]


def use_charts(run: Run) -> list[Chart]:
    """Return the charts of what a run's worker used."""
    time: dict[str, Any] = {"x_label": "Time", "x_format": "seconds", "low": 0.0}
    title = f"{run}: its worker's"
    return [
        Chart(
            "use", "Processor and GPU", f"{title} processor and GPU", f"run-{run.number}-processor",
            (
                Series("own", "This run, of all cores", VALIDATION),
                Series("machine", "Whole machine", TRAINING, 1.5, (5, 4)),
                Series("gpu", "GPU", "--good"),
            ),
            format="percent", high=1.0, **time,
        ),
        Chart(
            "memory", "Memory", f"{title} memory", f"run-{run.number}-memory",
            (Series("memory", "This run", VALIDATION), Series("gpu_memory", "GPU", "--good")),
            format="bytes", **time,
        ),
    ]  # fmt: skip


def _both(name: str) -> tuple[Series, ...]:
    """The curves of a figure on training and on validation images."""
    return (
        Series(name, "Training", TRAINING, 1.5, (5, 4)),
        Series(f"validation_{name}", "Validation", VALIDATION),
    )
