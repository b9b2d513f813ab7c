"""The package on Keras's other backends, where they are installed, each in a process of its own."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.training.recognition.drawings import NETWORKS

JOB = """
import sys
from pathlib import Path
from tests.training.recognition.drawings import draw_many, quick, random_texts, reading_task
from training.recognition.architectures import get_architecture
from training.recognition.backend import load_keras
from training.recognition.data import build_samples
from training.recognition.fit import fit_reader

name, folder = sys.argv[1], Path(sys.argv[2])
task, architecture = reading_task("17"), get_architecture(name)
drawn = [draw_many(random_texts(n, "17", (2, 2), n), n) for n in (32, 16)]
train, validation = (build_samples(items, task, architecture, quick(name)) for items in drawn)
hyperparameters = quick(name) | {"batch_size": 16}
arguments = dict(task=task, architecture=name, hyperparameters=hyperparameters, train=train,
                 validation=validation, folder=folder)
first = fit_reader(**arguments, max_epochs=1)
resumed = fit_reader(**arguments, max_epochs=2)
resumed.model.save(folder)
print(load_keras().backend.backend(), len(first.history), len(resumed.history), resumed.history[-1].loss)
"""


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_every_network_trains_resumes_and_saves(backend: str, name: str, tmp_path: Path) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    done = subprocess.run(
        [sys.executable, "-c", JOB, name, str(tmp_path)],
        env={**os.environ, "KERAS_BACKEND": backend}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    used, first, resumed, loss = done.stdout.split()[-4:]
    assert (used, first, resumed) == (backend, "1", "2")
    assert float(loss) < 100
    import keras

    assert keras.backend.backend() == "tensorflow"
    # Weights know no backend: what JAX or PyTorch trained, TensorFlow exports and serves.
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    assert loaded.count_params() > 0
