"""The samples that a run trains on, decoded once per machine."""

from training.leftovers import cache_folder
from training.models import Run, Split
from training.recognition.architectures import Architecture
from training.recognition.data import Samples, build_samples, open_samples
from training.recognition.task import ReadingTask
from training.services.datasets import decoded_split


def run_samples(run: Run, task: ReadingTask, architecture: Architecture, split: Split) -> Samples:
    """Return a split's samples, decoded once for every run on this dataset, preparation and input shape."""
    shape = "x".join(map(str, architecture.input_shape(task, run.hyperparameters)))
    key = f"{run.dataset.hash[:16]}-{task.recipe.fingerprint()[:16]}-{architecture.name}-{shape}"
    folder = cache_folder(run.project_id) / key / split.value
    try:
        return open_samples(folder)
    except FileNotFoundError:
        return build_samples(
            decoded_split(run.dataset, split),
            task,
            architecture,
            run.hyperparameters,
            folder,
        )
