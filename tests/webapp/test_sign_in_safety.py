"""Guessing passwords, and what a session is worth after its password changed: with a real Redis that counts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from django.urls import reverse

from labeling.dispatch import redis_client
from tests.factories import make_user
from tests.support.redis import private_redis
from webapp.accounts.throttling import Attempt, in_words

pytestmark = pytest.mark.django_db

RIGHT, WRONG = "correct horse", "wrong"


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with private_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(autouse=True)
def _counting(redis_url: str, settings: Any) -> Iterator[None]:
    settings.REDIS_URL = redis_url
    settings.SIGN_IN_WRONG_PER_NAME = (3, 300)
    settings.SIGN_IN_WRONG_PER_ADDRESS = (6, 3600)
    redis_client.cache_clear()
    redis_client().flushall()
    yield
    redis_client.cache_clear()


@pytest.fixture
def ada() -> Any:
    return make_user("ada")


def sign_in(name: str = "ada", password: str = WRONG, address: str = "198.51.100.7") -> Any:
    client = Client(REMOTE_ADDR=address)
    return client.post(reverse("accounts:sign_in"), {"username": name, "password": password})


def statuses(count: int, **wish: str) -> list[int]:
    return [sign_in(**wish).status_code for _ in range(count)]


def test_after_some_wrong_passwords_one_waits_even_with_the_right_one_and_is_told_how_long(ada: Any) -> None:
    assert statuses(4) == [200, 200, 200, 429]
    answer = sign_in(password=RIGHT)
    assert answer.status_code == 429
    assert 290 <= int(answer["Retry-After"]) <= 300
    assert "Try again in 5 minutes" in answer.content.decode()


def test_waiting_is_over_when_the_time_is(ada: Any) -> None:
    statuses(4)
    for key in redis_client().scan_iter("sign-in:*"):
        redis_client().delete(key)
    assert sign_in(password=RIGHT).status_code == 302


def test_every_count_ends_by_itself_and_waiting_does_not_grow_by_trying(ada: Any) -> None:
    statuses(4)
    [person] = redis_client().keys("sign-in:198.51.100.7:*")
    redis_client().expire(person, 100)
    statuses(1)
    assert 0 < redis_client().ttl(person) <= 100
    assert all(redis_client().ttl(key) > 0 for key in redis_client().keys("sign-in:*"))


def test_a_stranger_elsewhere_cannot_lock_somebody_out(ada: Any) -> None:
    assert statuses(4)[-1] == 429
    assert sign_in(password=RIGHT, address="203.0.113.9").status_code == 302


def test_others_at_the_same_address_still_get_in(ada: Any) -> None:
    make_user("bob")
    assert statuses(4)[-1] == 429
    assert sign_in("bob", RIGHT).status_code == 302


def test_one_address_may_not_try_many_names() -> None:
    found = [sign_in(f"name{number}").status_code for number in range(7)]
    assert found == [200] * 6 + [429]


def test_signing_in_often_is_no_guessing(ada: Any) -> None:
    assert {sign_in(password=RIGHT).status_code for _ in range(10)} == {302}


def test_the_right_password_forgets_the_wrong_ones_before_it(ada: Any) -> None:
    assert statuses(2) == [200, 200]
    assert sign_in(password=RIGHT).status_code == 302
    assert statuses(3) == [200, 200, 200]


def test_spelling_a_name_otherwise_gives_no_further_attempts(ada: Any) -> None:
    assert [sign_in(name).status_code for name in ("ada", "ADA", "Ada", "aDa")] == [200, 200, 200, 429]


def test_a_home_with_a_whole_ipv6_network_is_one_address(ada: Any) -> None:
    found = [sign_in(address=f"2001:db8:1:2::{number}").status_code for number in range(1, 5)]
    assert found == [200, 200, 200, 429]
    assert sign_in(address="2001:db8:1:3::1").status_code == 200


def test_the_proxys_word_about_the_address_is_not_taken_by_the_page_itself(ada: Any) -> None:
    """The web server replaces the address where it trusts the proxy; a header alone changes nothing."""
    found = [
        Client(REMOTE_ADDR="198.51.100.7", headers={"x-forwarded-for": f"10.0.0.{number}"})
        .post(reverse("accounts:sign_in"), {"username": "ada", "password": WRONG})
        .status_code
        for number in range(4)
    ]
    assert found == [200, 200, 200, 429]


def test_attempts_at_once_are_counted_before_their_passwords_are_looked_at() -> None:
    attempt = Attempt(address="198.51.100.7", name="ada")
    waits = [attempt.begin() for _ in range(5)]
    assert waits[:3] == [0, 0, 0]
    assert all(waits[3:])


def test_without_redis_people_still_get_in(ada: Any, settings: Any, tmp_path: Path) -> None:
    settings.REDIS_URL = f"unix://{tmp_path}/nobody"
    redis_client.cache_clear()
    assert sign_in(password=RIGHT).status_code == 302
    assert sign_in(password=WRONG).status_code == 200


@pytest.mark.parametrize("name", ["ada", "nobody", "gone"])
def test_a_wrong_password_costs_the_same_whether_or_not_there_is_such_a_name(
    settings: Any, name: str
) -> None:
    make_user("ada")
    get_user_model().objects.create_user(username="gone", password=RIGHT, is_active=False)
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    CountingHasher.hashed = 0
    answer = sign_in(name, RIGHT if name == "gone" else WRONG)
    assert CountingHasher.hashed == 1
    assert "No account has this name and password" in answer.content.decode()


class CountingHasher(MD5PasswordHasher):
    """Says how often a password was hashed, which is what takes the time."""

    hashed = 0

    def encode(self, password: str, salt: str) -> str:
        CountingHasher.hashed += 1
        return super().encode(password, salt)


def test_signing_in_gives_a_session_of_another_name(ada: Any) -> None:
    client = Client()
    client.cookies[session_cookie()] = "chosen-by-somebody-else-in-advance"
    client.post(reverse("accounts:sign_in"), {"username": "ada", "password": RIGHT})
    first = client.cookies[session_cookie()].value
    assert first != "chosen-by-somebody-else-in-advance"
    client.post(reverse("accounts:sign_out"))
    client.post(reverse("accounts:sign_in"), {"username": "ada", "password": RIGHT})
    assert client.cookies[session_cookie()].value != first


def test_a_session_that_was_signed_out_of_is_worth_nothing(ada: Any) -> None:
    client = Client()
    client.force_login(ada)
    stolen = client.cookies[session_cookie()].value
    client.post(reverse("accounts:sign_out"))
    thief = Client()
    thief.cookies[session_cookie()] = stolen
    assert thief.get(reverse("accounts:account")).status_code == 302


def test_a_changed_password_ends_every_other_session(ada: Any) -> None:
    here, elsewhere = Client(), Client()
    here.force_login(ada)
    elsewhere.force_login(ada)
    before = here.cookies[session_cookie()].value
    assert change_password(here, RIGHT).status_code == 302
    assert here.get(reverse("accounts:account")).status_code == 200
    assert here.cookies[session_cookie()].value != before
    assert elsewhere.get(reverse("accounts:account")).status_code == 302


def test_a_browser_that_was_left_signed_in_is_no_place_to_guess_the_password(ada: Any) -> None:
    client = Client(REMOTE_ADDR="198.51.100.7")
    client.force_login(ada)
    assert [change_password(client, WRONG).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_somebody_who_was_switched_off_is_out_at_once(ada: Any) -> None:
    client = Client()
    client.force_login(ada)
    ada.is_active = False
    ada.save()
    assert client.get(reverse("accounts:account")).status_code == 302


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 second"), (59, "59 seconds"), (60, "1 minute"), (61, "2 minutes"), (300, "5 minutes")],
)
def test_the_wait_is_told_in_words_and_never_too_short(seconds: int, words: str) -> None:
    assert in_words(seconds) == words


def session_cookie() -> str:
    return settings.SESSION_COOKIE_NAME


def change_password(client: Client, old: str) -> Any:
    wish = {"old_password": old, "new_password1": "battery staple", "new_password2": "battery staple"}
    return client.post(reverse("accounts:account"), wish)
