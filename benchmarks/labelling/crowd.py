"""A crowd that labels, as a Locust process of its own."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.labelling.journal import Journal
from tests.support.site import ROOT

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
PAGE, API, LABEL_STUDIO = "PageAnnotator", "ApiAnnotator", "LabelStudioAnnotator"


def label(
    way: str,
    *,
    host: str,
    project: int,
    accounts: Sequence[dict[str, str]],
    pause: float = 0,
    seconds: int | None = None,
    turns: int | None = None,
    again: float = 0,
    pictures: bool = True,
) -> Journal:
    """Let one annotator per account label at once; return what they did.

    Args:
        way: how they label, a class of the locustfile.
        accounts: the HTTP headers of each.
        pause: seconds of looking and typing per image.
        seconds: they stop after so many.
        turns: each stops after so many images. Without either, all go on until none is left.
        again: share of texts that are sent twice.
        pictures: whether those on the Label page fetch the pictures. Those in Label Studio and of the API never do.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "accounts.json").write_text(json.dumps(list(accounts)))
        options = {
            "--host": host, "--project": project, "--accounts": folder / "accounts.json",
            "--journal": folder / "journal.json", "--users": len(accounts), "--spawn-rate": len(accounts),
            "--pause": pause, "--again": again, "--pictures": int(pictures), "--run-time": seconds, "--turns": turns,
            # Whoever is in the middle of a turn ends it.
            "--stop-timeout": 60,
        }  # fmt: skip
        words = [str(word) for pair in options.items() if pair[1] is not None for word in pair]
        done = subprocess.run(
            [sys.executable, "-m", "locust", "-f", LOCUSTFILE, way, "--headless", "--only-summary", *words],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        journal = folder / "journal.json"
        if not journal.exists() or "Traceback" in done.stderr:
            raise SystemExit(f"The crowd could not label:\n{done.stdout}\n{done.stderr}")
        return Journal.from_json(json.loads(journal.read_text()))
