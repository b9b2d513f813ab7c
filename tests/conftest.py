"""Fixtures that several folders share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests.support.site import Site

# How long an example takes is no property of the code: here a database or a busy machine may be slow.
hypothesis.settings.register_profile("no deadline", deadline=None)
hypothesis.settings.load_profile("no deadline")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The whole site, running: Redis, web server and workers as real processes on a folder of their own."""
    running = Site(tmp_path_factory.mktemp("site"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def _media_in_the_tests_folder(settings: Any, tmp_path: Path) -> None:
    """Each test stores its pictures in a folder of its own."""
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "media", "allow_overwrite": True},
        }
    }


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    """Making a user costs nothing: the real hash is slow on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
