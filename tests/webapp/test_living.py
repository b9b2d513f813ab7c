"""Workers that are none of Celery's among the living ones, and tokens that hold for a second, beside a real Redis."""

from pathlib import Path
from typing import Any

import pytest

from tests.factories import make_user
from tests.support.private_redis import private_redis
from training.services.reading_queue import ReadingQueue
from webapp.accounts.tokens import create_token, find_token_lately, revoke_token
from webapp.workers import living, living_workers, waiting_readings


def test_a_worker_lives_until_it_ends(tmp_path: Path, settings: Any) -> None:
    with private_redis(tmp_path, settings):
        with living("predict@here", "predict"):
            [worker] = living_workers()
            assert (worker.name, worker.queues) == ("predict@here", ("predict",))
        assert living_workers() == []


def test_the_images_that_wait_are_counted_not_the_requests(tmp_path: Path, settings: Any) -> None:
    with private_redis(tmp_path, settings) as client:
        ReadingQueue(client).ask(request="x", model=1, images=[b"x"] * 70, answers="x", patience=9, limit=99)
        assert waiting_readings() == 70
    assert waiting_readings() == 0


@pytest.mark.django_db
def test_a_token_that_is_revoked_here_is_no_good_at_once() -> None:
    token, secret = create_token(user=make_user(), name="test")
    first, second = find_token_lately(secret), find_token_lately(secret)
    assert first is not None
    assert second is not None
    assert first.user == second.user
    # What one request writes on its user, the next one does not find.
    assert first.user is not second.user
    revoke_token(token=token)
    assert find_token_lately(secret) is None
