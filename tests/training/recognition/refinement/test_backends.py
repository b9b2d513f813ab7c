"""A refiner on another of Keras's backends, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from tests.training.recognition.refinement.pictures import dark_on_light
from training.recognition.refinement import Refiner

JOB = """
import sys
from pathlib import Path
import keras
import numpy as np
from tests.training.recognition.refinement.pictures import brown_on_green, dark_on_light, small
from tests.training.recognition.refinement.watcher import Watcher
from training.recognition.refinement import train_refiner

folder = Path(sys.argv[1])
arguments = dict(synthetic=dark_on_light(64), real=brown_on_green(64, seed=1), preset=small(), folder=folder)
first = train_refiner(**arguments, listener=Watcher(stop_after=40 + 13))
resumed = train_refiner(**arguments)
resumed.refiner.save(folder / "refiner.keras")
np.save(folder / "refined.npy", resumed.refiner.refine(dark_on_light(8)))
print("made by", keras.backend.backend(), first.ending, resumed.ending, [each.round for each in resumed.history])
"""


def test_jax_trains_and_resumes_a_refiner_that_tensorflow_loads(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", JOB, str(tmp_path)],
        env={**os.environ, "KERAS_BACKEND": "jax"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert "made by jax stopped finished [0, 10, 13, 20]" in done.stdout
    loaded = Refiner.load(tmp_path / "refiner.keras").refine(dark_on_light(8))
    difference = loaded.astype(int) - np.load(tmp_path / "refined.npy")
    assert np.abs(difference).max() <= 1
