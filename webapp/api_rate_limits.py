"""How often the API may be asked: by a token, by a person, by an address without either.

The generic cell rate algorithm (GCRA; ITU-T I.371, as in the Redis module `redis-cell`): each key holds one moment, the
time at which all that was asked would have been answered at the steady rate. Several limits are asked in one script,
so in one round trip, and a request that any of them refuses costs none of them anything.
"""

import math
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import redis
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

# An unreachable Redis must not cost every request a time-out.
ASKED_AGAIN_AFTER_SECONDS = 5.0
TIMEOUT_SECONDS = 0.5
_PERIODS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}

_SCRIPT = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local wait, tightest, left, reset, moments = 0, 1, math.huge, 0, {}
for i, key in ipairs(KEYS) do
  local count, seconds = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local step = seconds / count
  local moment = math.max(tonumber(redis.call('GET', key) or '0'), now) + step
  local early = moment - seconds - now
  if early > wait then wait = early end
  local rest = math.max(0, math.floor(-early / step + 0.000001))
  if early > 0.000001 then rest = -1 end
  if rest < left then tightest, left, reset = i, rest, moment - now end
  moments[i] = moment
end
if left >= 0 then
  for i, key in ipairs(KEYS) do
    redis.call('SET', key, string.format('%.6f', moments[i]), 'PX', math.ceil((moments[i] - now) * 1000))
  end
end
return {tightest, left, tostring(reset), tostring(wait)}
"""


@dataclass(frozen=True)
class Rate:
    """So many requests in so many seconds, all at once or spread."""

    count: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> "Rate | None":
        """Read `100/second`, `5000/minute`, `1/day`; an empty text or `off` is no limit.

        Raises:
            ImproperlyConfigured: it is none of these.
        """
        if text.strip().lower() in {"", "off"}:
            return None
        found = re.fullmatch(r"\s*([1-9]\d{0,8})\s*/\s*(second|minute|hour|day)\s*", text)
        if found is None:
            raise ImproperlyConfigured(
                f"“{text}” is no rate; write for example 100/second, 5000/minute or off."
            )
        return cls(int(found[1]), _PERIODS[found[2]])


@dataclass(frozen=True)
class Allowance:
    """What is left of the limit that is closest. `remaining` is -1 where the request is one too many."""

    limit: int
    remaining: int
    reset_seconds: float
    retry_seconds: float

    @property
    def is_used_up(self) -> bool:
        return self.remaining < 0

    @property
    def headers(self) -> dict[str, str]:
        """The header fields of draft-ietf-httpapi-ratelimit-headers, in their widely read form."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.remaining)),
            "RateLimit-Reset": str(math.ceil(self.reset_seconds)),
        }


def take(limits: Sequence[tuple[str, Rate | None]]) -> Allowance | None:
    """Count one request against limits by their keys; None where nothing limits it, or Redis is away.

    One round trip to Redis, whatever the number of limits.
    """
    rates = [(key, rate) for key, rate in limits if rate is not None]
    if not rates or _away.still():
        return None
    try:
        keys = [f"rate:{key}" for key, _ in rates]
        numbers = [number for _, rate in rates for number in (rate.count, rate.seconds)]
        tightest, left, reset, wait = cast(Any, _script()(keys=keys, args=numbers))
    except redis.RedisError:
        _away.begin()
        return None
    return Allowance(rates[tightest - 1][1].count, left, float(reset), float(wait))


def forget_redis() -> None:
    """Connect anew at the next request, wherever Redis is then."""
    _script.cache_clear()
    _away.until = 0.0


class _Away:
    """Whether Redis was found unreachable a moment ago."""

    until = 0.0

    def begin(self) -> None:
        self.until = time.monotonic() + ASKED_AGAIN_AFTER_SECONDS

    def still(self) -> bool:
        return time.monotonic() < self.until


_away = _Away()


@cache
def _script() -> Any:
    # A connection of its own: others wait for Redis longer than a request may wait to be counted.
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=TIMEOUT_SECONDS, socket_timeout=TIMEOUT_SECONDS
    )
    return client.register_script(_SCRIPT)
