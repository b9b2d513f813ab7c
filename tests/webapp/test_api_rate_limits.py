"""How often the API may be asked, counted by a real Redis."""

import time
from pathlib import Path
from typing import Any

import pytest
import redis
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from tests.factories import make_user
from webapp.accounts.tokens import create_token
from webapp.api_rate_limits import Rate, forget_redis, take

pytestmark = pytest.mark.django_db


def headers(user: Any) -> dict[str, str]:
    return {"authorization": f"Bearer {create_token(user=user, name='test')[1]}"}


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("100/second", Rate(100, 1)),
        (" 5 / minute ", Rate(5, 60)),
        ("1/day", Rate(1, 86400)),
        ("off", None),
        ("", None),
    ],
)
def test_rates_are_written_as_people_say_them(text: str, rate: Rate | None) -> None:
    assert Rate.parse(text) == rate


@pytest.mark.parametrize("text", ["100", "0/second", "-1/minute", "5/fortnight", "many/day", "5/minute/day"])
def test_what_is_no_rate_says_so_at_the_start(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="is no rate"):
        Rate.parse(text)


def test_so_many_requests_pass_at_once_and_the_next_one_is_told_when(redis_server: redis.Redis) -> None:
    rate = Rate(3, 60)
    left = [allowance.remaining for _ in range(3) if (allowance := take([("one", rate)]))]
    assert left == [2, 1, 0]
    refused = take([("one", rate)])
    assert refused is not None
    assert refused.is_used_up
    assert 15 < refused.retry_seconds <= 20


def test_what_was_used_comes_back_at_the_steady_rate(redis_server: redis.Redis) -> None:
    rate = Rate(10, 1)
    while not taken(rate):
        pass
    time.sleep(0.11)
    assert not taken(rate)


def taken(rate: Rate) -> bool:
    allowance = take([("steady", rate)])
    assert allowance is not None
    return allowance.is_used_up


def test_the_closest_of_several_limits_is_told_and_a_refusal_costs_the_others_nothing(
    redis_server: redis.Redis,
) -> None:
    wide, narrow = ("wide", Rate(100, 3600)), ("narrow", Rate(1, 3600))
    first = take([wide, narrow])
    assert first is not None
    assert (first.limit, first.remaining) == (1, 0)
    for _ in range(5):
        refused = take([wide, narrow])
        assert refused is not None
        assert refused.is_used_up
    last = take([wide])
    assert last is not None
    assert last.remaining == 98


def test_several_limits_cost_one_round_trip(redis_server: redis.Redis) -> None:
    take([("warm", Rate(5, 60))])
    before = commands(redis_server)
    take([("a", Rate(5, 60)), ("b", Rate(5, 60)), ("c", Rate(5, 60))])
    after = commands(redis_server)
    assert after - before == 1


def commands(server: redis.Redis) -> int:
    """How many scripts were asked for; what scripts do inside is no round trip."""
    return int(server.info("commandstats")["cmdstat_evalsha"]["calls"])


def test_a_token_that_asks_too_often_is_told_to_wait(
    client: Client, redis_server: redis.Redis, settings: Any
) -> None:
    settings.API_RATE_PER_TOKEN = "2/minute"
    ada = make_user()
    sent, other = headers(ada), headers(ada)
    first = client.get("/api/v1/me", headers=sent)
    assert (first["RateLimit-Limit"], first["RateLimit-Remaining"]) == ("2", "1")
    assert client.get("/api/v1/me", headers=sent).status_code == 200
    refused = client.get("/api/v1/me", headers=sent)
    assert (refused.status_code, refused["Content-Type"]) == (429, "application/problem+json")
    assert 1 <= int(refused["Retry-After"]) <= 31
    assert refused["RateLimit-Remaining"] == "0"
    assert client.get("/api/v1/me", headers=other).status_code == 200


def test_all_tokens_of_a_person_share_the_persons_limit(
    client: Client, redis_server: redis.Redis, settings: Any
) -> None:
    settings.API_RATE_PER_PERSON = "2/minute"
    ada = make_user()
    found = [client.get("/api/v1/me", headers=headers(ada)).status_code for _ in range(3)]
    assert found == [200, 200, 429]
    assert client.get("/api/v1/me", headers=headers(make_user("bob"))).status_code == 200


def test_whoever_guesses_tokens_is_slowed_down_by_address(
    client: Client, redis_server: redis.Redis, settings: Any
) -> None:
    settings.API_RATE_PER_STRANGER = "2/minute"
    guesses = [{"authorization": f"Bearer cwb_{guess}"} for guess in range(3)]
    assert [client.get("/api/v1/me", headers=one).status_code for one in guesses] == [401, 401, 429]
    elsewhere = client.get("/api/v1/me", headers=guesses[0], REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 401


def test_pages_are_not_limited(client: Client, redis_server: redis.Redis, settings: Any) -> None:
    settings.API_RATE_PER_PERSON = "1/day"
    client.force_login(make_user())
    assert [client.get("/").status_code for _ in range(3)] == [200, 200, 200]


def test_requests_pass_while_redis_is_away(client: Client, redis_socket: Path, settings: Any) -> None:
    settings.API_RATE_PER_TOKEN = "1/day"
    sent = headers(make_user())
    answers = [client.get("/api/v1/me", headers=sent) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert "RateLimit-Limit" not in answers[0]


def test_limits_count_again_once_redis_is_back(redis_socket: Path, redis_server: redis.Redis) -> None:
    server = redis_socket.with_name("elsewhere.sock")
    redis_socket.rename(server)
    assert take([("one", Rate(1, 60))]) is None
    server.rename(redis_socket)
    # Not asked at once: an unreachable Redis must not cost every request a time-out.
    assert take([("one", Rate(1, 60))]) is None
    forget_redis()
    assert take([("one", Rate(1, 60))]) is not None
