"""A thin client of Captcha Workbench's HTTP API: one file, which needs `requests` and nothing else.

    from captcha_workbench import Workbench

    workbench = Workbench("http://localhost:8000", token="cwb_…", project=1)
    print(workbench.read("ticket.png").text)

A picture is a path, its bytes, a binary file, or a pair of a name and its bytes. What the server is too busy for is
sent again after the seconds that it asks for. What changes something carries an `Idempotency-Key`, so it is done once
even where an answer was lost. What cannot be granted raises `Problem`, with the server's own sentence.

Python 3.10 or later.
"""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import IO, Any

import requests

__all__ = ["Problem", "Reading", "Workbench"]

Picture = str | Path | bytes | IO[bytes] | tuple[str, bytes]
"""A path, the bytes of a file, an open binary file, or (name, bytes)."""

MOST_IMAGES = 256
"""So many the server reads in one call."""

MOST_BYTES = 32 * 2**20
"""So many are sent in one call, unless one file alone has more."""

BUSY = (429, 503)
ENDED = ("done", "failed", "stopped", "cancelled")
LONGEST_PAUSE = 30.0


class Problem(Exception):
    """What the server cannot or will not do. `status` is HTTP's, `detail` says what happened and what to do."""

    def __init__(
        self, status: int, title: str, detail: str, errors: list[dict[str, Any]] | None = None
    ) -> None:
        super().__init__(f"{title}: {detail}" if detail else title)
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = errors or []
        """Of 422: which parts of the request do not have the form that they need."""


@dataclass(frozen=True)
class Reading:
    """What was read in one picture; `error` says why nothing could be.

    `confidence` goes from 0 to 1. `verdict` is `sure`; `unsure` and `other_family` want a person's look. `characters`
    are dicts with `text`, `probability`, `left` and `right` (shares of the picture's width) and `alternatives`.
    """

    name: str
    text: str = ""
    confidence: float = 0.0
    verdict: str = ""
    strangeness: float = 0.0
    characters: list[dict[str, Any]] = field(default_factory=list)
    milliseconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    error: str = ""

    @property
    def wants_a_look(self) -> bool:
        """Whether a person should look at it."""
        return self.verdict != "sure"

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Reading:
        """Make one of the API's JSON; what a later server adds is passed over."""
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in row.items() if name in known})


class Workbench:
    """A site, seen with a token.

    Args:
        url: the site's address, such as http://localhost:8000.
        token: made on your account page, or on a project's page API.
        project: the number of the project that is meant where none is named.
        timeout: seconds to wait for one answer.
        patience: seconds for which a request that the server is too busy for is sent again.
    """

    def __init__(
        self,
        url: str,
        token: str,
        project: int | None = None,
        *,
        timeout: float = 60.0,
        patience: float = 120.0,
    ) -> None:
        self.url = url.rstrip("/")
        self.project = project
        self.timeout = timeout
        self.patience = patience
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"

    # --- Anything ---

    def get(self, path: str, **options: Any) -> Any:
        """Return the JSON at a path below /api/v1/."""
        return self._request("GET", path, **options).json()

    def post(self, path: str, wish: Mapping[str, Any] | None = None, **options: Any) -> Any:
        """Send JSON to a path below /api/v1/; return the JSON that it answers.

        Raises:
            Problem: the server said no.
        """
        if wish is not None:
            options["json"] = dict(wish)
        # Done once, however often it has to be sent.
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        return self._request("POST", path, headers=headers, **options).json()

    def items(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Yield the items of a list, page by page."""
        query = {name: value for name, value in query.items() if value is not None}
        while True:
            page = self.get(path, params=query)
            yield from page["items"]
            if page["next"] is None:
                return
            query["cursor"] = page["next"]

    # --- Projects ---

    def me(self) -> dict[str, Any]:
        """Return who the token stands for, and what it is for."""
        return dict(self.get("me"))

    def projects(self) -> Iterator[dict[str, Any]]:
        """Yield the projects that the token sees."""
        return self.items("projects")

    def show_project(self) -> dict[str, Any]:
        """Return the project with its counts of images."""
        return dict(self.get(self._at("")))

    # --- Reading ---

    def read(self, picture: Picture, *, model: int | None = None) -> Reading:
        """Read one picture with the production model, or with the model of a number.

        Raises:
            Problem: the project has no model, or no worker answers.
        """
        return self.read_many([picture], model=model)[0]

    def read_many(self, pictures: Iterable[Picture], *, model: int | None = None) -> list[Reading]:
        """Read pictures; the readings are in their order."""
        return list(self.read_all(pictures, model=model))

    def read_all(self, pictures: Iterable[Picture], *, model: int | None = None) -> Iterator[Reading]:
        """Read any number of pictures, up to 256 in a call, and yield the readings as they come, in order."""
        query = {} if model is None else {"model": model}
        for files in _portions(pictures):
            answer = self._request("POST", self._at("/read"), files=files, params=query).json()
            yield from map(Reading.of, answer["readings"])

    def correct(
        self, text: str, *, picture: Picture | None = None, prediction: int | None = None
    ) -> dict[str, Any]:
        """Say what a picture reads: one that is sent along, or that of a kept reading. The next run learns from it."""
        wish: dict[str, Any] = {"text": text}
        if prediction is not None:
            wish["prediction"] = prediction
        if picture is not None:
            name, data = _named_bytes(picture)
            wish |= {"image": base64.b64encode(data).decode(), "name": name}
        return dict(self.post(self._at("/corrections"), wish))

    # --- Batches: many pictures, read by workers ---

    def start_batch(self, files: Iterable[Picture]) -> dict[str, Any]:
        """Have workers read any number of pictures and archives (zip, tar) of them; return the batch."""
        batch: dict[str, Any] | None = None
        for portion in _portions(files):
            if batch is None:
                batch = self.post(self._at("/batches"), files=portion, data={"start": "false"})
            else:
                batch = self.post(self._at(f"/batches/{batch['id']}/files"), files=portion)
        if batch is None:
            raise ValueError("A batch needs at least one picture.")
        return dict(self.post(self._at(f"/batches/{batch['id']}/start")))

    def batch(self, batch: int) -> dict[str, Any]:
        """Return how far a batch is."""
        return dict(self.get(self._at(f"/batches/{batch}")))

    def wait_for_batch(self, batch: int, **options: Any) -> dict[str, Any]:
        """Wait until a batch has ended; see `wait`."""
        return self.wait(lambda: self.batch(batch), **options)

    def batch_results(self, batch: int, *, show: str | None = None) -> Iterator[dict[str, Any]]:
        """Yield what was read in a batch that has ended, in the order of its files."""
        return self.items(self._at(f"/batches/{batch}/results"), show=show, limit=500)

    # --- Imports ---

    def import_files(
        self, files: Iterable[Picture], *, labels: str = "none", keep_splits: bool = True
    ) -> dict[str, Any]:
        """Start an import of pictures or archives; `labels`: filename, folder, csv or none."""
        sent = [("files", _named_bytes(one)) for one in files]
        form = {"labels": labels, "keep_splits": "true" if keep_splits else "false"}
        return dict(self.post(self._at("/imports"), data=form, files=sent))

    def import_state(self, number: int) -> dict[str, Any]:
        """Return how far an import is."""
        return dict(self.get(self._at(f"/imports/{number}")))

    def import_outcomes(self, number: int, outcome: str = "") -> Iterator[dict[str, Any]]:
        """Yield what became of each file of an import; only those of one outcome, such as `rejected`."""
        return self.items(self._at(f"/imports/{number}/files"), outcome=outcome or None, limit=500)

    def wait_for_import(self, number: int, **options: Any) -> dict[str, Any]:
        """Wait until an import has ended; see `wait`."""
        return self.wait(lambda: self.import_state(number), **options)

    # --- Runs and models ---

    def start_run(self, **wish: Any) -> dict[str, Any]:
        """Start a training; `architecture`, `hyperparameters`, `seed`, `max_epochs`, `max_minutes` and `self_training`
        may be left out."""
        return dict(self.post(self._at("/runs"), wish))

    def run(self, number: int) -> dict[str, Any]:
        """Return how far a run is."""
        return dict(self.get(self._at(f"/runs/{number}")))

    def runs(self, **query: Any) -> Iterator[dict[str, Any]]:
        """Yield the runs, filtered and sorted as the API's document says, such as `sort="-test"`."""
        return self.items(self._at("/runs"), **query)

    def stop_run(self, number: int) -> dict[str, Any]:
        """Stop a run; it keeps what it has come to."""
        return dict(self.post(self._at(f"/runs/{number}/stop")))

    def watch_run(self, number: int) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield what happens to a run, live, until it is over: (`state` or `epoch` or …, what is to be said of it)."""
        with self._request("GET", self._at(f"/runs/{number}/events"), stream=True) as answer:
            event = ""
            for line in answer.iter_lines(decode_unicode=True):
                name, _, value = line.partition(": ")
                if name == "event":
                    event = value
                elif name == "data":
                    yield event, json.loads(value)

    def wait_for_run(self, number: int, **options: Any) -> dict[str, Any]:
        """Wait until a run has ended; see `wait`."""
        return self.wait(lambda: self.run(number), **options)

    def models(self) -> Iterator[dict[str, Any]]:
        """Yield the models, the newest first; the one whose state is `production` reads."""
        return self.items(self._at("/models"))

    def freeze_dataset(self) -> dict[str, Any]:
        """Freeze what is labelled now as a dataset version."""
        return dict(self.post(self._at("/datasets")))

    # --- Waiting ---

    def wait(
        self,
        ask: Callable[[], dict[str, Any]],
        *,
        seconds: float | None = None,
        every: float = 1.0,
        progress: Callable[[dict[str, Any]], None] | None = None,
    ) -> dict[str, Any]:
        """Ask again and again until the `state` of what is answered has ended; return it.

        Args:
            seconds: how long at most; None: as long as it takes.
            progress: told of each answer.

        Raises:
            TimeoutError: it took longer.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        while True:
            row = ask()
            if progress is not None:
                progress(row)
            if row["state"] in ENDED:
                return row
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError(f"It did not end within {seconds:g} s; it is {row['state']}.")
            time.sleep(every)

    # --- How it is sent ---

    def _at(self, path: str) -> str:
        if self.project is None:
            raise ValueError("Say which project is meant: Workbench(url, token, project=1).")
        return f"projects/{self.project}{path}"

    def _request(self, method: str, path: str, **options: Any) -> requests.Response:
        deadline = time.monotonic() + self.patience
        pause = 0.5
        while True:
            answer: requests.Response | None = None
            try:
                answer = self._session.request(
                    method, f"{self.url}/api/v1/{path}", timeout=self.timeout, **options
                )
            except requests.ConnectionError:
                # Nothing was answered, so nothing is lost by asking again.
                if time.monotonic() + pause > deadline:
                    raise
            else:
                # A 409 with Retry-After: the first request of this key is still under way.
                waits = answer.status_code in BUSY or (
                    answer.status_code == 409 and "Retry-After" in answer.headers
                )
                if answer.ok:
                    return answer
                if not waits or time.monotonic() + _pause(answer, pause) > deadline:
                    raise _problem(answer)
            time.sleep(pause if answer is None else _pause(answer, pause))
            pause = min(2 * pause, LONGEST_PAUSE)


def _pause(answer: requests.Response, usual: float) -> float:
    """Return how many seconds the server asks to wait."""
    try:
        return max(0.0, float(answer.headers["Retry-After"]))
    except (KeyError, ValueError):
        return usual


def _problem(answer: requests.Response) -> Problem:
    try:
        said = answer.json()
        return Problem(answer.status_code, said["title"], said["detail"], said.get("errors"))
    except (ValueError, KeyError, TypeError):
        return Problem(answer.status_code, f"HTTP status {answer.status_code}", answer.reason or "")


def _portions(pictures: Iterable[Picture]) -> Iterator[list[tuple[str, tuple[str, bytes]]]]:
    """Yield the files of one request after the other; a file that is larger than a request goes alone."""
    portion: list[tuple[str, tuple[str, bytes]]] = []
    size = 0
    for picture in pictures:
        name, data = _named_bytes(picture)
        if portion and (len(portion) == MOST_IMAGES or size + len(data) > MOST_BYTES):
            yield portion
            portion, size = [], 0
        portion.append(("files", (name, data)))
        size += len(data)
    if portion:
        yield portion


def _named_bytes(picture: Picture) -> tuple[str, bytes]:
    """Return the name and the bytes of a picture; whole, so that they can be sent again."""
    if isinstance(picture, tuple):
        return picture
    if isinstance(picture, bytes):
        return "image", picture
    if isinstance(picture, (str, Path)):
        path = Path(picture)
        return path.name, path.read_bytes()
    return Path(str(getattr(picture, "name", "image"))).name, picture.read()
