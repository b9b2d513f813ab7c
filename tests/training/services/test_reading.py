"""Reading where no worker can be asked: the test processes have no Redis. With workers, see tests/workers."""

import time

import pytest

from labeling.dispatch import dispatch, others_wait
from training.models import Model
from training.services.reading import ReaderUnavailable, read_images


def test_an_unreachable_redis_is_said_at_once_with_what_to_do() -> None:
    started = time.monotonic()
    with pytest.raises(ReaderUnavailable, match="make up"):
        read_images(model=Model(pk=1), images=[b"x"])
    assert time.monotonic() - started < 3


@pytest.mark.django_db(transaction=True)
def test_a_job_stays_queued_where_its_message_cannot_be_sent(caplog: pytest.LogCaptureFixture) -> None:
    dispatch("labeling.tasks.run_import", 1)
    assert "stays queued" in caplog.text


def test_without_redis_no_job_is_known_to_wait() -> None:
    assert others_wait() is False
