"""The banner that says which part is missing, beside a real Redis."""

import json
from pathlib import Path

import pytest
import redis
from django.test import Client
from django.urls import reverse

from tests.factories import make_user

pytestmark = pytest.mark.django_db


def speak(client: redis.Redis, name: str, *queues: str) -> None:
    worker = {"name": name, "host": "here", "pid": 1, "queues": queues, "since": 0.0}
    client.set(f"worker:{name}", json.dumps(worker))


def banner(client: Client) -> str:
    client.force_login(make_user())
    return client.get(reverse("status_banner")).content.decode()


def test_an_unreachable_redis_is_said_with_what_to_do(client: Client, redis_socket: Path) -> None:
    page = banner(client)
    assert "Redis cannot be reached" in page
    assert "make up" in page
    assert page.count("banner-title") == 1


def test_the_dashboard_answers_without_redis(client: Client, redis_socket: Path) -> None:
    client.force_login(make_user())
    page = client.get(reverse("dashboard")).content.decode()
    assert "Train: none" in page


def test_each_queue_without_a_worker_is_named(client: Client, redis_server: redis.Redis) -> None:
    speak(redis_server, "one", "prepare", "predict")
    page = banner(client)
    assert "No worker takes training runs" in page
    assert "imports or slices" not in page
    assert "reads images" not in page


def test_nothing_is_said_while_all_is_well(client: Client, redis_server: redis.Redis) -> None:
    speak(redis_server, "one", "prepare", "predict")
    speak(redis_server, "two", "train")
    speak(redis_server, "three", "train")
    assert banner(client).strip() == ""
    assert "Train \N{MULTIPLICATION SIGN} 2" in client.get(reverse("dashboard_now")).content.decode()
