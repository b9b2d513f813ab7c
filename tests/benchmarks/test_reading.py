import asyncio
import copy

from benchmarks.reading.crowd import crowd
from benchmarks.reading.http import form, post
from benchmarks.reading.servers import distinct
from benchmarks.reading.table import table

TIMES = {"median": 5.0, "low": 4.0, "high": 6.0, "n": 90, "p99": 12.0, "most": 30.0}
TOLD = {"seconds": 60.0, "milliseconds": TIMES, "wrong_or_swapped": 0, "errors": {}}
HTTP = {
    "one_image": TOLD | {"images_per_second": 200.0},
    "crowd": TOLD | {"clients": 200, "images_per_second": 300.0},
    "calls": {"4": TOLD | {"images_per_call": 256, "images_per_second": 2000.0}},
}
PEER = {
    "turn_seconds": 6.0,
    "images_per_second": {"single": TIMES, "ddddocr api": TIMES},
    "times_as_many": {"single": {"ddddocr api": {"ratio": 4.9, "low": 4.0, "high": 6.0}}},
}


def test_each_goal_is_reached_or_missed_by_what_was_measured() -> None:
    rows = table({"http": HTTP, "peer": PEER})
    goals = [row[3].rpartition(" ")[2] for row in rows if row[3]]
    assert goals == ["reached", "reached", "reached", "missed"]


def test_a_swapped_answer_or_an_error_misses_the_goal_and_is_shown() -> None:
    for fault, shown in (({"wrong_or_swapped": 1}, "1 wrong or swapped"), ({"errors": {"503": 2}}, "2 503")):
        faulty = copy.deepcopy(HTTP)
        faulty["crowd"] |= fault
        [_, row, _] = table({"http": faulty})
        assert shown in row[1]
        assert row[3].endswith("missed")


def test_only_readings_that_no_other_image_has_tell_whether_answers_are_swapped() -> None:
    some = [(name, b"x") for name in "abcd"]
    wanted = {"a": "same", "b": "own", "c": "same", "d": "another"}
    assert [name for name, _ in distinct(wanted, some)] == ["b", "d"]


def test_a_crowd_counts_what_is_wrong_and_what_fails() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in range(3):
            await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(len(body))
            status = b"503 Busy" if number == 2 else b"200 OK"
            said = b'"good"' if number == 0 else b'"bad!"'
            writer.write(b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status, len(said), said))
        writer.close()

    async def serve_while(work: object) -> None:
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            ports.append(server.sockets[0].getsockname()[1])
            await asyncio.to_thread(work)  # type: ignore[arg-type]

    ports: list[int] = []
    outcomes = []
    body, kind = form([("a.png", b"x")])

    def ask() -> None:
        request = post(f"http://127.0.0.1:{ports[0]}/read", body, kind)
        outcomes.append(
            crowd([(request, "good")], lambda said, wanted: said == wanted, clients=1, seconds=0.3)
        )

    asyncio.run(serve_while(ask))
    [outcome] = outcomes
    assert (outcome.errors["503"] >= 1, outcome.wrong >= 1) == (True, True)
    assert len(outcome.seconds) > outcome.wrong
