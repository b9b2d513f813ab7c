"""From real images to a measured reader through the command line: accuracy on the run's test split, time, memory."""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.common import image_set, save
from tests.support.site import ROOT, Site

SETS = {
    "wilhelmy": (["--alphabet", "2345678bcdefgmnpwxy", "--length", "5"], ".", "filename"),
    "digits4": (["--alphabet", "0123456789", "--length", "4"], "images", "csv:labels.csv"),
}


def main() -> None:
    for name in sys.argv[1:] or SETS:
        wish, below, labels = SETS[name]
        folder = image_set(name)
        source, _, table = labels.partition(":")
        with tempfile.TemporaryDirectory() as data_dir:
            site = Site(Path(data_dir))
            site.manage("create_project", name, *wish)
            wanted = f"{source}:{folder / table}" if table else source
            site.manage("import_images", name, str(folder / below), "--labels", wanted)
            started = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "manage.py", "train", name, "--local", "--architecture", "slots", "--json"],
                cwd=ROOT, env=site.environment, capture_output=True, text=True, check=True,
            )  # fmt: skip
            seconds = time.perf_counter() - started
        answer = json.loads(done.stdout)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
        save(
            f"main_job_{name}",
            {
                "test": answer["metrics"]["test"],
                "validation": answer["metrics"]["validation"],
                "epochs": answer["epochs"],
                "seconds_from_command_to_model": round(seconds, 1),
                "peak_memory_gib": round(peak, 2),
                "seed": 0,
            },
        )


if __name__ == "__main__":
    main()
