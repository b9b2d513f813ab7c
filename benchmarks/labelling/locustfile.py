"""Annotators at work, for Locust: on the Label page, one image at a time through the API, or in Label Studio.

`benchmarks.labelling.crowd` starts it; by hand it is

    python -m locust -f benchmarks/labelling/locustfile.py PageAnnotator --headless --host URL --users 50 \
        --project NUMBER --accounts FILE --journal FILE
"""

import json
import random
import time
from abc import ABCMeta, abstractmethod
from pathlib import Path
from typing import Any
from uuid import uuid4

import gevent
import gevent.event
from locust import FastHttpUser, events, task
from locust.argument_parser import LocustArgumentParser
from locust.exception import StopUser
from locust.user.users import UserMeta

from benchmarks.labelling.journal import text_of

EXCLUDED = 60
"""So many images that were handed out last the Label page names when it asks for more."""
TRIES = 50


@events.init_command_line_parser.add_listener
def _options(parser: LocustArgumentParser) -> None:
    parser.add_argument("--project", type=int, help="Its number.")
    parser.add_argument(
        "--accounts", type=Path, help="JSON: a list of HTTP headers, one dictionary per annotator."
    )
    parser.add_argument("--journal", type=Path, help="Where to write what everybody did.")
    parser.add_argument(
        "--pause", type=float, default=0, help="Seconds of looking and typing per image, on average."
    )
    parser.add_argument(
        "--turns", type=int, help="How many images each annotator reads; left out: till none is left."
    )
    parser.add_argument(
        "--pictures", type=int, default=1, help="Whether they look at the pictures, where the page has them."
    )
    parser.add_argument(
        "--again", type=float, default=0, help="Share of texts that are sent twice, as after a lost answer."
    )


class AbstractUser(ABCMeta, UserMeta):
    """Lets Locust's users have abstract methods."""


class Annotator(FastHttpUser, metaclass=AbstractUser):
    """Takes images and says what they read, till there are no more or for so many turns.

    Nobody begins before all have their first images: a server that is slow to hand these out, too, loses no time by it.
    """

    abstract = True
    turns: list[tuple[Any, ...]] = []
    handed: dict[int, list[int]] = {}
    failed = 0
    ready = 0
    finished = 0
    all_are_ready = gevent.event.Event()

    def on_start(self) -> None:
        self.wish = self.environment.parsed_options
        self.number = len(self.handed)
        self.handed[self.number] = []
        self.dice = random.Random(self.number)
        self.headers = json.loads(self.wish.accounts.read_text())[self.number]
        self.page = str(uuid4())
        self.left = self.wish.turns
        self.held = self.taken()
        Annotator.ready += 1
        if Annotator.ready == self.wish.num_users:
            self.all_are_ready.set()
        self.all_are_ready.wait()

    def wait_time(self) -> float:
        return self.dice.uniform(0.5, 1.5) * self.wish.pause

    @task
    def turn(self) -> None:
        if not self.held or self.left == 0:
            raise StopUser
        image = self.held.pop(0)
        self.look_at(image)
        key = str(uuid4())
        started = time.perf_counter()
        is_saved = self.submit(image["id"], key)
        submitted = time.perf_counter()
        waited = 0.0
        if not self.held:
            self.held = self.taken()
            waited = time.perf_counter() - submitted
        self.turns.append((self.number, image["id"], key, is_saved, started, submitted - started, waited))
        if self.dice.random() < self.wish.again:
            self.submit(image["id"], key)
        if self.left is not None:
            self.left -= 1

    def taken(self) -> list[dict[str, Any]]:
        """The next images; none when all are read. Where the server fails, ask again as a person would."""
        for _ in range(TRIES):
            images = self.take()
            if images is not None:
                self.handed[self.number] += [image["id"] for image in images]
                return images
            Annotator.failed += 1
            gevent.sleep(0.1)
        return []

    @abstractmethod
    def take(self) -> list[dict[str, Any]] | None:
        """Ask for the next images; an empty list says that there are no more, None that the server failed."""

    @abstractmethod
    def submit(self, image: int, key: str) -> bool:
        """Say what an image reads; return whether the server has it."""

    def look_at(self, image: dict[str, Any]) -> None:
        """Fetch the picture, where the server that is measured has it."""

    def on_stop(self) -> None:
        Annotator.finished += 1
        if Annotator.finished == self.wish.num_users:
            gevent.spawn(self.environment.runner.quit)


class PageAnnotator(Annotator):
    """As the Label page does it: images by the batch, their pictures too. It asks only when it has none, not before."""

    def take(self) -> list[dict[str, Any]] | None:
        exclude = ",".join(map(str, self.handed[self.number][-EXCLUDED:]))
        address = f"/projects/{self.wish.project}/label/batch/?page={self.page}&exclude={exclude}"
        answer = self.client.get(address, headers=self.headers, name="next")
        return list(answer.json()["images"]) if answer.status_code == 200 else None

    def submit(self, image: int, key: str) -> bool:
        wish = {"image": image, "text": text_of(image), "key": key, "milliseconds": 1000}
        address = f"/projects/{self.wish.project}/label/annotate/"
        return self.client.post(address, json=wish, headers=self.headers, name="submit").status_code == 200

    def look_at(self, image: dict[str, Any]) -> None:
        if self.wish.pictures:
            self.client.get(image["url"], headers=self.headers, name="picture")


class ApiAnnotator(Annotator):
    """Through the API, and one image at a time: every text is followed by a wish for the next image."""

    def take(self) -> list[dict[str, Any]] | None:
        address = f"/api/v1/projects/{self.wish.project}/queue/next"
        wish = {"count": 1, "page": self.page}
        answer = self.client.post(address, json=wish, headers=self.headers, name="next")
        return list(answer.json()["images"]) if answer.status_code == 200 else None

    def submit(self, image: int, key: str) -> bool:
        wish = {"image": image, "text": text_of(image), "key": key, "milliseconds": 1000}
        address = f"/api/v1/projects/{self.wish.project}/annotations"
        return self.client.post(address, json=wish, headers=self.headers, name="submit").status_code == 200


class LabelStudioAnnotator(Annotator):
    """As Label Studio's page does it: the next task, and an annotation of it."""

    def take(self) -> list[dict[str, Any]] | None:
        answer = self.client.get(f"/api/projects/{self.wish.project}/next", headers=self.headers, name="next")
        if answer.status_code == 404:
            return []
        return [{"id": answer.json()["id"]}] if answer.status_code == 200 else None

    def submit(self, image: int, key: str) -> bool:
        result = {
            "id": key[:10], "from_name": "text", "to_name": "image", "type": "textarea",
            "value": {"text": [text_of(image)]},
        }  # fmt: skip
        wish = {"result": [result], "lead_time": 1.0, "project": self.wish.project}
        address = f"/api/tasks/{image}/annotations/?project={self.wish.project}"
        return self.client.post(address, json=wish, headers=self.headers, name="submit").status_code == 201


@events.quitting.add_listener
def _write_journal(environment: Any, **_: Any) -> None:
    journal = {"turns": Annotator.turns, "handed": Annotator.handed, "failed": Annotator.failed}
    environment.parsed_options.journal.write_text(json.dumps(journal))
