"""The servers that are measured, with the same images for all of them."""

import base64
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.common import image_set, sized
from benchmarks.reading.http import Post, form, post
from tests.support.site import Site, free_port

ALPHABET, LENGTH = "2345678bcdefgmnpwxy", 5
EPOCHS = sized("20", "2")
CALL = 256
PEER_WORKERS = (1, 2)
"""As it starts by itself, and with a process for each of two processors."""

Image = tuple[str, bytes]


def images() -> list[Image]:
    """Names and bytes of `wilhelmy`."""
    return [(path.name, path.read_bytes()) for path in sorted(image_set("wilhelmy").glob("*.png"))]


@dataclass(frozen=True)
class Served:
    """Requests to the site, and what it reads in each image when nothing else goes on: image's name -> text."""

    site: Site
    token: str
    address: str
    wanted: dict[str, str]

    def single(self, image: Image) -> Post:
        return post(self.address, *form([image]), self.token)

    def call(self, some: list[Image]) -> Post:
        return post(self.address, *form(some), self.token)


def served(site: Site) -> Served:
    """Train a reader on `wilhelmy`, and have it read all of it once."""
    site.manage("create_project", "wilhelmy", "--alphabet", ALPHABET, "--length", str(LENGTH))
    site.manage("import_images", "wilhelmy", str(image_set("wilhelmy")), "--labels", "filename")
    site.manage("train", "wilhelmy", "--local", "--epochs", EPOCHS)
    api = site.api()
    wanted: dict[str, str] = {}
    every = images()
    for start in range(0, len(every), CALL):
        files = [("files", image) for image in every[start : start + CALL]]
        wanted |= {row["name"]: row["text"] for row in api.post("projects/1/read", files=files)["readings"]}
    return Served(site, api.token, f"{site.url}/api/v1/projects/1/read", wanted)


def distinct(wanted: dict[str, str], some: list[Image]) -> list[Image]:
    """The images whose readings no other image has: an answer that is another image's shows."""
    texts = list(wanted.values())
    return [image for image in some if texts.count(wanted[image[0]]) == 1]


@contextmanager
def peer(workers: int) -> Iterator[str]:
    """The server of `python -m ddddocr api` (see `peer_app`), ready to read; yield the address of its route."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "benchmarks.reading.peer_app:app", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--workers", str(workers), "--log-level", "warning"],
        env=os.environ | {"DDDDOCR_SHOW_AD": "false"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _until_healthy(f"http://127.0.0.1:{port}/health")
        yield f"http://127.0.0.1:{port}/ocr"
    finally:
        process.terminate()
        process.wait(20)


def asked_of_peer(address: str, image: Image) -> Post:
    body = json.dumps({"image": base64.b64encode(image[1]).decode()}).encode()
    return post(address, body, "application/json")


def peer_text(answer: Any) -> str:
    return str(answer["result"])


def _until_healthy(address: str) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            if time.monotonic() > deadline:
                raise SystemExit(f"The peer's server does not answer at {address}.") from None
            time.sleep(0.2)
        else:
            return
