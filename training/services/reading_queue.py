"""The queue of images that wait to be read: a Redis stream that any number of workers take from.

An entry is a part of one request: at most `MOST_IN_PART` images for one model. It stays in the stream until it is
answered, dropped or withdrawn, and each of these is one script that takes its images off the count as well. So an entry
is answered at most once, however many workers have read it, and the count is that of what is there. What a dead worker
had taken is found by its silence (`reclaim`), as Redis's `XAUTOCLAIM` does it. Times are those of Redis's clock.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, cast

import redis

REQUESTS = "reading:requests"
COUNT = "reading:images"
GROUP = "readers"

MOST_IN_PART = 64
"""Images of one entry: a large request is shared out, and its first part is read while the last is on its way."""

SILENT_MILLISECONDS = 3000
"""Who has not said for so long that it works on what it took is dead; `keep` says it."""

KEPT_MILLISECONDS = 60_000
"""How long answers stay for whoever asked."""


class QueueFull(Exception):
    """Too many images wait already."""


@dataclass(frozen=True)
class Part:
    """Images of one request that are read together: part `number` of it, to be answered in the list `answers`."""

    entry: bytes
    request: str
    number: int
    model: int
    answers: str
    images: tuple[bytes, ...]


@dataclass(frozen=True)
class Ticket:
    """What has been asked: with it, a request can be withdrawn."""

    entries: tuple[tuple[bytes, int], ...]

    @property
    def parts(self) -> int:
        return len(self.entries)


class ReadingQueue:
    """The queue, for those who ask and for those who read."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._ask = client.register_script(_DROP + _ASK)
        self._take = client.register_script(_DROP + _TAKE)
        self._reclaim = client.register_script(_DROP + _RECLAIM)
        self._answer = client.register_script(_DROP + _ANSWER)
        self._withdraw = client.register_script(_DROP + _WITHDRAW)

    def ask(
        self, *, request: str, model: int, images: Sequence[bytes], answers: str, patience: float, limit: int
    ) -> Ticket:
        """Queue a request, wholly or not at all.

        Args:
            answers: the list that its answers go to.
            patience: seconds after which nobody waits for the answer any more.
            limit: so many images may wait or be in work. A request that finds nothing there may be larger.

        Raises:
            QueueFull: they would be more.
        """
        words: list[Any] = []
        counts = []
        for number, start in enumerate(range(0, len(images), MOST_IN_PART)):
            part = images[start : start + MOST_IN_PART]
            about = {
                "request": request, "number": number, "model": model, "answers": answers, "sizes": list(map(len, part)),
            }  # fmt: skip
            words += [len(part), json.dumps(about), b"".join(part)]
            counts.append(len(part))
        entries = self._run(self._ask, limit, len(images), int(1000 * patience), *words)
        if not entries:
            raise QueueFull
        return Ticket(tuple(zip(entries, counts, strict=True)))

    def withdraw(self, ticket: Ticket) -> None:
        """Take a request back: nobody waits for it any more."""
        self._run(self._withdraw, *(word for entry in ticket.entries for word in entry))

    def take(self, worker: str, *, most: int, wait: float) -> list[Part]:
        """Take what waits, oldest first, until it is `most` images or more; drop what nobody waits for any more.

        Args:
            wait: seconds to wait for a first request.
        """
        parts = self._taken(worker, most)
        if parts:
            return parts
        found = cast(
            list[Any],
            self._client.xreadgroup(GROUP, worker, {REQUESTS: ">"}, count=1, block=int(1000 * wait)),
        )
        if not found:
            return []
        entry, fields = found[0][1][0]
        first = _part(entry, fields[b"about"], fields[b"images"])
        return [first, *self._taken(worker, most - len(first.images))]

    def reclaim(self, worker: str) -> list[Part]:
        """Take over what dead workers had taken."""
        return _parts(self._run(self._reclaim, worker, SILENT_MILLISECONDS))

    def keep(self, worker: str, parts: Sequence[Part]) -> None:
        """Say that the worker still works on what it took."""
        self._client.xclaim(REQUESTS, GROUP, worker, 0, [part.entry for part in parts], justid=True)

    def answer(self, answers: Sequence[tuple[Part, bytes]]) -> None:
        """Hand answers over and take their entries out of the queue; what is no longer there gets no second answer."""
        words: list[Any] = []
        for part, answer in answers:
            words += [part.entry, len(part.images), part.answers, answer]
        self._run(self._answer, KEPT_MILLISECONDS, *words)

    def waiting(self) -> int:
        """Images that wait or are being read."""
        return int(cast(bytes | None, self._client.get(COUNT)) or 0)

    def open(self) -> None:
        """Make the stream where it is not there: a Redis that was started anew has lost it."""
        try:
            self._client.xgroup_create(REQUESTS, GROUP, id="0", mkstream=True)
        except redis.ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    def leave(self, worker: str) -> None:
        """Forget a worker that has ended, if it has nothing in work."""
        for each in cast(list[Any], self._client.xinfo_consumers(REQUESTS, GROUP)):
            if each["name"] == worker.encode() and not each["pending"]:
                self._client.xgroup_delconsumer(REQUESTS, GROUP, worker)

    def _taken(self, worker: str, most: int) -> list[Part]:
        return _parts(self._run(self._take, worker, most))

    def _run(self, script: Any, *words: Any) -> Any:
        return script(keys=[REQUESTS, COUNT], args=[GROUP, *words])


def _parts(entries: list[Any]) -> list[Part]:
    return [_part(entry, fields[5], fields[7]) for entry, fields in entries]


def _part(entry: bytes, about: bytes, images: bytes) -> Part:
    said = json.loads(about)
    return Part(
        entry=entry,
        request=said["request"],
        number=said["number"],
        model=said["model"],
        answers=said["answers"],
        images=tuple(_cut(images, said["sizes"])),
    )


def _cut(joined: bytes, sizes: Sequence[int]) -> Iterator[bytes]:
    for start, end in pairwise((0, *accumulate(sizes))):
        yield joined[start:end]


# Every script has the same KEYS and, as its first argument, the group. The fields of an entry are in the order in which
# `_ASK` writes them: n, patience, about, images.
_DROP = """
local requests, count, group = KEYS[1], KEYS[2], ARGV[1]

local function drop(entry, n)
    redis.call('XACK', requests, group, entry)
    if redis.call('XDEL', requests, entry) == 0 then return false end
    redis.call('DECRBY', count, n)
    return true
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function expired(entry)
    return tonumber(string.match(entry[1], '^%d+')) + tonumber(entry[2][4]) < now
end
"""
_ASK = """
local limit, total, patience = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local waiting = tonumber(redis.call('GET', count) or '0')
while waiting > 0 and waiting + total > limit do
    local oldest = redis.call('XRANGE', requests, '-', '+', 'COUNT', 1)[1]
    if not oldest then
        redis.call('SET', count, 0)
    elseif expired(oldest) then
        drop(oldest[1], oldest[2][2])
    else
        return {}
    end
    waiting = tonumber(redis.call('GET', count))
end
local entries = {}
for at = 5, #ARGV, 3 do
    entries[#entries + 1] = redis.call('XADD', requests, '*',
        'n', ARGV[at], 'patience', patience, 'about', ARGV[at + 1], 'images', ARGV[at + 2])
end
redis.call('INCRBY', count, total)
return entries
"""
_TAKE = """
local worker, most = ARGV[2], tonumber(ARGV[3])
local taken, images = {}, 0
while images < most do
    local found = redis.call('XREADGROUP', 'GROUP', group, worker, 'COUNT', 1, 'STREAMS', requests, '>')
    if not found then break end
    local entry = found[1][2][1]
    if expired(entry) then
        drop(entry[1], entry[2][2])
    else
        taken[#taken + 1] = entry
        images = images + entry[2][2]
    end
end
return taken
"""
_RECLAIM = """
local worker, silent = ARGV[2], ARGV[3]
local taken = {}
for _, pending in ipairs(redis.call('XPENDING', requests, group, 'IDLE', silent, '-', '+', 16)) do
    local entry = redis.call('XCLAIM', requests, group, worker, silent, pending[1])[1]
    if not entry then
        redis.call('XACK', requests, group, pending[1])
    elseif expired(entry) then
        drop(entry[1], entry[2][2])
    else
        taken[#taken + 1] = entry
    end
end
return taken
"""
_ANSWER = """
local kept = ARGV[2]
for at = 3, #ARGV, 4 do
    if drop(ARGV[at], ARGV[at + 1]) then
        redis.call('RPUSH', ARGV[at + 2], ARGV[at + 3])
        redis.call('PEXPIRE', ARGV[at + 2], kept)
    end
end
"""
_WITHDRAW = """
for at = 2, #ARGV, 2 do
    drop(ARGV[at], ARGV[at + 1])
end
"""
