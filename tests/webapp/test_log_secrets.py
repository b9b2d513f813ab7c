"""What is replaced in a line of the log."""

import logging
import sys
from typing import Any

import pytest

from webapp import log_secrets
from webapp.log_secrets import SecretsHidden, hide_secrets


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("token cwb_abcDEF-123_x was sent", "token cwb_… was sent"),
        ("signed with whsec_aGVsbG8+d29ybGQ/PT0=", "signed with whsec_…"),
        ("Method Not Allowed (PUT): /join/SgJ3-x_Q/", "Method Not Allowed (PUT): /join/…/"),
        ("{'Authorization': 'Bearer abc.def'}", "{'Authorization': 'Bearer …'}"),
        ("cannot reach redis://:hunter2@cache:6379/0", "cannot reach redis://:…@cache:6379/0"),
        ("postgres://me:hunter2@db/name", "postgres://me:…@db/name"),
        ("https://s3/b/k?X-Amz-Signature=ab12&X-Amz-Date=1", "https://s3/b/k?X-Amz-Signature=…&X-Amz-Date=1"),
        ("/b/k?AWSAccessKeyId=AKIA1&Signature=a%2Bb", "/b/k?AWSAccessKeyId=…&Signature=…"),
        ("Not Found: /projects/1/images/7/", "Not Found: /projects/1/images/7/"),
        ("open http://localhost:8000/", "open http://localhost:8000/"),
        ("mail ada@example.org about http://a/b", "mail ada@example.org about http://a/b"),
    ],
)
def test_what_looks_like_a_secret_is_replaced_and_nothing_else(text: str, shown: str) -> None:
    assert hide_secrets(text) == shown


@pytest.fixture
def _fresh() -> Any:
    log_secrets._known_secrets.cache_clear()
    yield
    log_secrets._known_secrets.cache_clear()


@pytest.mark.usefixtures("_fresh")
def test_the_secrets_of_this_process_are_replaced_wherever_they_stand(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SECRET_KEY = "the-key-that-signs"
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "storage/secret")
    monkeypatch.setenv("REDIS_URL", "redis://:p%40ssword@cache/0")
    monkeypatch.setenv("ADMIN_PASSWORD", "x")
    text = "the-key-that-signs storage/secret storage%2Fsecret p@ssword p%40ssword x"
    assert hide_secrets(text) == "… … … … … x"


@pytest.mark.usefixtures("_fresh")
def test_an_address_that_is_none_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://[::1")
    monkeypatch.setenv("DATABASE_URL", "://@:@//")
    assert hide_secrets("all is well") == "all is well"


def test_tracebacks_are_looked_at_too() -> None:
    try:
        raise ValueError("cannot open postgres://me:hunter2@db/name")
    except ValueError:
        record = logging.LogRecord("a", logging.ERROR, __file__, 1, "failed", None, sys.exc_info())
    line = SecretsHidden("{message}", style="{").format(record)
    assert "hunter2" not in line
    assert "ValueError" in line
