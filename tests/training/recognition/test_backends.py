"""The package on Keras's other backends, where they are installed, each in a process of its own."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TRIED = ["slots", "ctc", "position_ensemble"]
"""Every kind of layer, loss and fit; the other networks have nothing that these lack, and compiling takes long."""

JOB = """
import json, sys
from pathlib import Path
from tests.training.recognition.drawings import draw_many, quick, random_texts, reading_task
from training.recognition.architectures import get_architecture
from training.recognition.backend import load_keras
from training.recognition.data import build_samples
from training.recognition.fit import fit_reader

task = reading_task("17")
drawn = [draw_many(random_texts(n, "17", (2, 2), n), n) for n in (32, 16)]
for name in sys.argv[2:]:
    folder = Path(sys.argv[1]) / name
    train, validation = (build_samples(each, task, get_architecture(name), quick(name)) for each in drawn)
    arguments = dict(task=task, architecture=name, hyperparameters=quick(name) | {"batch_size": 16},
                     train=train, validation=validation, folder=folder)
    first = fit_reader(**arguments, max_epochs=1)
    resumed = fit_reader(**arguments, max_epochs=2)
    resumed.model.save(folder)
    print(json.dumps([name, load_keras().backend.backend(), len(first.history) * 2, len(resumed.history),
                      resumed.history[-1].loss]))
"""


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_networks_train_resume_and_save(backend: str, tmp_path: Path) -> None:
    # PyPI's PyTorch for Linux brings gigabytes of CUDA along, so requirements-dev.txt has JAX alone.
    if backend == "torch" and importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    done = subprocess.run(
        [sys.executable, "-c", JOB, str(tmp_path), *TRIED],
        env={**os.environ, "KERAS_BACKEND": backend}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    assert [name for name, *_ in rows] == TRIED
    assert {used for _, used, *_ in rows} == {backend}
    for name, _, twice, resumed, loss in rows:
        assert resumed == twice, name
        assert loss < 100, name


SHARED_JOB = """
import sys
from pathlib import Path
import numpy as np
from tests.training.recognition.drawings import draw_many, quick, random_texts, reading_task
from training.recognition import checkpoints
from training.recognition.architectures import get_architecture
from training.recognition.backend import device_count
from training.recognition.data import build_samples
from training.recognition.fit import fit_reader

folder = Path(sys.argv[1])
# Without what differs between devices: no batch normalisation, no randomness in the network.
task, name = reading_task("17"), "tiny_vgg"
drawn = [draw_many(random_texts(n, "17", (2, 2), n), n) for n in (32, 15)]
train, validation = (build_samples(each, task, get_architecture(name), quick(name)) for each in drawn)
# A batch size that two devices can share, and one that they cannot.
for batch_size in (17, 16):
    result = fit_reader(task=task, architecture=name, hyperparameters=quick(name) | {"batch_size": batch_size},
                        train=train, validation=validation, folder=folder / str(batch_size), max_epochs=2)
variables = checkpoints.model_variables(result.model.network)
kernel = variables[0].value
print("devices", device_count(), len(kernel.sharding.device_set), len(result.history), result.history[-1].loss)
result.model.save(folder)
"""


def test_several_devices_share_each_batch_and_come_to_what_one_would(tmp_path: Path) -> None:
    """Two virtual processors of JAX against one: the same batches, so nearly the same loss."""
    found = {}
    for devices in (1, 2):
        folder = tmp_path / str(devices)
        folder.mkdir()
        flags = f"--xla_force_host_platform_device_count={devices}"
        done = subprocess.run(
            [sys.executable, "-c", SHARED_JOB, str(folder)],
            env={**os.environ, "KERAS_BACKEND": "jax", "XLA_FLAGS": flags},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        (line,) = (line for line in done.stdout.splitlines() if line.startswith("devices"))
        found[devices] = line.split()[1:]
        assert (folder / "model.keras").exists()
    assert [row[:3] for row in found.values()] == [["1", "1", "2"], ["2", "2", "2"]]
    assert abs(float(found[1][3]) - float(found[2][3])) < 0.2


def test_weights_know_no_backend(tmp_path: Path) -> None:
    """What JAX trained, TensorFlow loads in safe mode and reads alike."""
    job = """
import sys
import numpy as np
from tests.training.recognition.drawings import SMALL, reading_task
from training.recognition.architectures import get_architecture
from training.recognition.trained import TrainedNetwork
from pathlib import Path

task, slots = reading_task("17"), get_architecture("slots")
model = TrainedNetwork(slots.build(task, SMALL, seed=3), task, slots)
model.save(Path(sys.argv[1]))
pictures = np.random.default_rng(0).random((2, *slots.input_shape(task, SMALL)), np.float32)
np.save(Path(sys.argv[1]) / "logits.npy", model.input_logits(pictures))
"""
    subprocess.run(
        [sys.executable, "-c", job, str(tmp_path)], env={**os.environ, "KERAS_BACKEND": "jax"}, check=True
    )
    import keras
    import numpy as np

    # Register the layers that the file names.
    import training.recognition.architectures.slot_attention
    import training.recognition.architectures.standardise  # noqa: F401
    from tests.training.recognition.drawings import SMALL, reading_task
    from training.recognition.architectures import get_architecture

    assert keras.backend.backend() == "tensorflow"
    shape = get_architecture("slots").input_shape(reading_task("17"), SMALL)
    pictures = np.random.default_rng(0).random((2, *shape), np.float32)
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_allclose(loaded.predict_on_batch(pictures), np.load(tmp_path / "logits.npy"), atol=1e-4)
