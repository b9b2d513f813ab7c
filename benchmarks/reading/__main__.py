"""`python -m benchmarks.reading`: latency, a crowd, large calls, and the peer, on one site in one run."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from benchmarks.common import running_site, save, sized
from benchmarks.reading.crowd import Outcome, crowd
from benchmarks.reading.http import Post
from benchmarks.reading.servers import (
    CALL,
    PEER_WORKERS,
    Served,
    asked_of_peer,
    distinct,
    images,
    peer,
    peer_text,
    served,
)  # fmt: skip
from benchmarks.speed.timing import ratio, summary

CROWD = 200
CROWD_SECONDS = sized(60.0, 4.0)
SINGLE_SECONDS = sized(20.0, 3.0)
CALL_SECONDS = sized(10.0, 3.0)
CALLERS = (1, 4)
TURNS = sized(7, 2)
TURN_SECONDS = sized(6.0, 1.5)
PEER_CLIENTS = 16
"""So many at once keep every server busy; the peer answers one after the other."""

Requests = Sequence[tuple[Post, Any]]


def main() -> None:
    with running_site() as site, ExitStack() as stack:
        ours = served(site)
        peers = {workers: stack.enter_context(peer(workers)) for workers in PEER_WORKERS}
        singles = [(ours.single(image), ours.wanted[image[0]]) for image in distinct(ours.wanted, images())]
        calls = [
            (ours.call(some), [ours.wanted[name] for name, _ in some])
            for some in (images()[:CALL], images()[CALL : 2 * CALL])
        ]
        crowd(singles, _is_right, clients=4, seconds=2)
        one = crowd(singles, _is_right, clients=1, seconds=SINGLE_SECONDS)
        many = crowd(singles, _is_right, clients=CROWD, seconds=CROWD_SECONDS)
        large = {
            str(callers): crowd(calls, _all_right, clients=callers, seconds=CALL_SECONDS)
            for callers in CALLERS
        }
        save(
            "reading/http",
            {
                "images": len(images()),
                "distinct_readings": len(singles),
                "one_image": _told(one),
                "crowd": {"clients": CROWD, **_told(many)},
                "calls": {
                    callers: {"images_per_call": CALL, **_told(outcome, CALL)}
                    for callers, outcome in large.items()
                },
            },
        )
        save("reading/peer", _beside_peers(ours, singles, calls, peers))


def _beside_peers(ours: Served, singles: Requests, calls: Requests, peers: dict[int, str]) -> dict[str, Any]:
    """Images per second of each, in turns. A turn is one number, so the intervals are those of turns."""
    truth = {name: name.partition(".")[0] for name, _ in images()}
    asked = {
        workers: [
            (asked_of_peer(address, image), truth[image[0]]) for image in distinct(ours.wanted, images())
        ]
        for workers, address in peers.items()
    }
    rates: dict[str, list[float]] = {}

    def turn(name: str, requests: Requests, look: Any, clients: int, per_call: int = 1) -> None:
        outcome = crowd(requests, look, clients=clients, seconds=TURN_SECONDS)
        if outcome.errors:
            raise SystemExit(f"{name} failed: {dict(outcome.errors)}")
        rates.setdefault(name, []).append(outcome.per_second(per_call))

    for requests in asked.values():
        # Its model is loaded when it is first asked.
        crowd(requests, _peer_is_right, clients=2, seconds=3)
    for _ in range(TURNS):
        turn("single", singles, _is_right, PEER_CLIENTS)
        turn(f"calls of {CALL}", calls, _all_right, 4, CALL)
        for workers, requests in asked.items():
            turn(_name(workers), requests, _peer_is_right, PEER_CLIENTS)
    own = ("single", f"calls of {CALL}")
    return {
        "turn_seconds": TURN_SECONDS,
        "clients": PEER_CLIENTS,
        "images_per_second": {name: summary(values) for name, values in rates.items()},
        "times_as_many": {
            name: {_name(workers): ratio(rates[name], rates[_name(workers)]) for workers in peers}
            for name in own
        },
    }


def _name(workers: int) -> str:
    return "ddddocr api" if workers == 1 else f"ddddocr api, {workers} workers"


def _told(outcome: Outcome, images_each: int = 1) -> dict[str, Any]:
    milliseconds = sorted(1000 * one for one in outcome.seconds)
    return {
        "seconds": round(outcome.elapsed, 1),
        "images_per_second": round(outcome.per_second(images_each), 1),
        "milliseconds": summary(milliseconds)
        | {
            "p99": round(milliseconds[int(0.99 * (len(milliseconds) - 1))], 2),
            "most": round(milliseconds[-1], 2),
        },
        "wrong_or_swapped": outcome.wrong,
        "errors": dict(outcome.errors),
    }


def _is_right(answer: Any, wanted: str) -> bool:
    return len(answer["readings"]) == 1 and answer["readings"][0]["text"] == wanted


def _all_right(answer: Any, wanted: list[str]) -> bool:
    return [row["text"] for row in answer["readings"]] == wanted


def _peer_is_right(answer: Any, wanted: str) -> bool:
    return peer_text(answer) == wanted


if __name__ == "__main__":
    main()
