"""A batch of 50,000 images whose worker is killed half-way: images per second, memory, each image answered once.

And how long the batch's page takes then. `python -m benchmarks.batch 2000` takes fewer images.
"""

import io
import itertools
import os
import re
import signal
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import requests
from PIL import Image

from benchmarks.common import image_set, milliseconds, running_site, save, sized
from tests.support.site import PASSWORD, USER, Api, Site, wait_until

IMAGES = 50_000
PER_ARCHIVE = 10_000
PER_PAGE = 500
HOURS = 3


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else sized(IMAGES, 2000)
    with running_site() as site:
        site.manage("create_project", "wilhelmy", "--alphabet", "2345678bcdefgmnpwxy", "--length", "5")
        site.manage("import_images", "wilhelmy", str(image_set("wilhelmy")), "--labels", "filename")
        # How right the model is does not matter here, only what reading costs.
        site.manage("train", "wilhelmy", "--local", "--epochs", "2")
        api = site.api()
        address = _sent(api, count)
        with _Memory(site) as memory:
            started = time.perf_counter()
            api.post(f"{address}/start")
            _wait_for(api, address, count // 2)
            killed = memory.processes()
            before = memory.mebibytes(killed)
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
            killed_at = time.perf_counter()
            position = api.get(address)["position"]
            _wait_for(api, address, position + 1)
            recovery = time.perf_counter() - killed_at
            _wait_for(api, address, count)
            wait_until(lambda: api.get(address)["state"] == "done", seconds=60, what="the end of the batch")
            seconds = time.perf_counter() - started
            after = memory.mebibytes(memory.processes())
        _check_answers(api, address, count)
        page = _page_times(site, address)
        save(
            "batch",
            {
                "images": count,
                "seconds": round(seconds, 1),
                "images_per_second": round(count / seconds, 1),
                "seconds_until_another_worker_goes_on": round(recovery, 1),
                "answered_once": count,
                "worker_peak_mib": round(memory.peak),
                "worker_mib_at_half": round(before),
                "worker_mib_at_end": round(after),
                "page_ms": page,
            },
        )


def _sent(api: Api, count: int) -> str:
    """Make a batch of so many images, all of them different, and leave it to be started; return its address."""
    address, sent = "", 0
    files = _files(count)
    while part := list(itertools.islice(files, PER_ARCHIVE)):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            for name, data in part:
                archive.writestr(name, data)
        wish = {"files": [("files", (f"{sent}.zip", buffer.getvalue()))]}
        if address:
            api.post(f"{address}/files", **wish)
        else:
            batch = api.post("projects/1/batches", data={"start": "false"}, **wish)
            address = f"projects/1/batches/{batch['id']}"
        sent += len(part)
        print(f"sent {sent:,} images", flush=True)
    return address


def _files(count: int) -> Iterator[tuple[str, bytes]]:
    """Names and PNG files: the pictures of the set again and again, each time with other noise."""
    random = np.random.default_rng(1)
    pictures = [
        np.asarray(Image.open(path).convert("RGB"), dtype=np.int16)
        for path in sorted(image_set("wilhelmy").glob("*.png"))
    ]
    for number in range(count):
        picture = pictures[number % len(pictures)]
        noisy = np.clip(picture + random.integers(-2, 3, picture.shape), 0, 255).astype(np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(noisy).save(buffer, "PNG", compress_level=1)
        yield f"{number:05d}.png", buffer.getvalue()


def _wait_for(api: Api, address: str, position: int) -> None:
    wait_until(
        lambda: api.get(address)["position"] >= position, seconds=HOURS * 3600, what=f"image {position}"
    )


def _check_answers(api: Api, address: str, count: int) -> None:
    """Stop unless every image has just one answer, in its place, and a text."""
    number = 0
    cursor: str | None = ""
    while cursor is not None:
        page = api.get(f"{address}/results", params={"cursor": cursor, "limit": PER_PAGE})
        for answer in page["items"]:
            told = (answer["position"], answer["name"], bool(answer["text"]), answer["error"])
            if told != (number, f"{number:05d}.png", True, ""):
                raise SystemExit(f"Image {number} is answered by {answer}.")
            number += 1
        cursor = page["next"]
    if number != count:
        raise SystemExit(f"{number} answers for {count} images.")


def _page_times(site: Site, address: str) -> dict[str, Any]:
    """How long the batch's page takes at its beginning, in its midst and filtered."""
    session = requests.Session()
    form = session.get(f"{site.url}/sign-in/").text
    [token] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', form)[:1]
    wish = {"username": USER, "password": PASSWORD, "csrfmiddlewaretoken": token}
    session.post(f"{site.url}/sign-in/", wish).raise_for_status()

    def times(query: str) -> dict[str, float]:
        def load() -> None:
            answer = session.get(f"{site.url}/{address}/{query}")
            assert answer.ok
            assert "<h1>Batch" in answer.text

        return milliseconds(load, 20, warm_up=2)

    return {
        "first": times(""),
        "midst": times("?after=25000"),
        "to_check": times("?show=to_check&after=25000"),
    }


class _Memory:
    """Watches the resident memory of the processes that read batches; `peak` is the most of any of them, in MiB."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.peak = 0.0

    def __enter__(self) -> "_Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._look()
        self._over.set()
        self._thread.join()

    def processes(self) -> list[int]:
        return self._site.processes()["prepare"]

    def mebibytes(self, pids: list[int], field: str = "VmRSS") -> float:
        """The most resident memory that any of some processes has."""
        return max((_status(pid, field) for pid in pids), default=0.0)

    def _watch(self) -> None:
        while not self._over.wait(0.5):
            self._look()

    def _look(self) -> None:
        # The kernel's own high-water mark, so that nothing between two looks is missed.
        self.peak = max(self.peak, self.mebibytes(self.processes(), "VmHWM"))


def _status(pid: int, field: str) -> float:
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(rf"^{field}:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    main()
