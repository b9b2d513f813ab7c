"""How often one may be wrong about a password.

Wrong passwords are counted in Redis for a name from one address, and for all names from one address, and are forgotten
by themselves. Nothing is counted for a name alone: a stranger could lock somebody out by being wrong on purpose.
"""

import hashlib
import ipaddress
import logging
from dataclasses import dataclass
from typing import Any, cast

import redis
from django.conf import settings
from django.http import HttpRequest

from labeling.dispatch import redis_client

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attempt:
    """One attempt to sign in, counted as wrong before its password is looked at.

    Many at once could slip through a count that comes after.
    """

    address: str
    name: str

    def begin(self) -> int:
        """Count the attempt; return after how many seconds to try again, 0 where it may go on now.

        While Redis is away, nobody is kept waiting: people need to get in to see what is wrong.
        """
        try:
            waits = [self._count(key, *limit) for key, limit in self._limits().items()]
        except redis.RedisError as error:
            logger.warning("Attempts to sign in are not counted: %s", error)
            return 0
        return max(waits)

    def succeed(self) -> None:
        """Forget that the attempt was counted: its password was right."""
        person, everybody = self._limits()
        try:
            with redis_client().pipeline() as pipeline:
                pipeline.delete(person)
                # May have run out meanwhile: it must not become a count below zero that stays for ever.
                pipeline.set(everybody, 1, ex=settings.SIGN_IN_WRONG_PER_ADDRESS[1], nx=True)
                pipeline.decr(everybody)
                pipeline.execute()
        except redis.RedisError as error:
            logger.warning("Attempts to sign in are not counted: %s", error)

    def _limits(self) -> dict[str, tuple[int, int]]:
        # Hashed, as names are long or odd where somebody wants them to be.
        name = hashlib.sha256(self.name.casefold().encode(errors="replace")).hexdigest()[:32]
        return {
            f"sign-in:{self.address}:{name}": settings.SIGN_IN_WRONG_PER_NAME,
            f"sign-in:{self.address}": settings.SIGN_IN_WRONG_PER_ADDRESS,
        }

    def _count(self, key: str, most: int, seconds: int) -> int:
        with redis_client().pipeline() as pipeline:
            pipeline.set(key, 0, ex=seconds, nx=True)
            pipeline.incr(key)
            pipeline.ttl(key)
            _, count, left = cast(tuple[Any, int, int], tuple(pipeline.execute()))
        if count == most + 1:
            logger.warning("%s wrong passwords from %s; the next attempt in %s s", most, self.address, left)
        return max(left, 1) if count > most else 0


def attempt_of(request: HttpRequest, name: str) -> Attempt:
    """Return the attempt that a request makes to be somebody."""
    return Attempt(address=_network(request.META.get("REMOTE_ADDR", "")), name=name)


def _network(address: str) -> str:
    """Return what one person can ask from: an IPv4 address, or an IPv6 network of 64 bits, which homes have whole."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def in_words(seconds: int) -> str:
    """Write how long to wait: “40 seconds”, “1 minute”, “12 minutes”."""
    if seconds < 60:
        return f"{seconds} second{'s' if seconds != 1 else ''}"
    minutes = -(-seconds // 60)
    return f"{minutes} minute{'s' if minutes != 1 else ''}"
