"""What happens once in the life of a database: the first administrator, and the demo project."""

import os
import secrets
from collections.abc import Callable

from webapp.accounts.models import User
from webapp.demo import make_demo_project
from webapp.models import FirstStartStep

ADMINISTRATOR = "admin"


def first_start(say: Callable[[str], None]) -> None:
    """Make what is missing on a first start; say what was made. Later starts find everything done.

    `ADMIN_PASSWORD` sets the administrator's password, `DEMO=0` leaves the demo project out.
    """
    _once("administrator", lambda: _make_administrator(say))
    if os.environ.get("DEMO", "1") != "0":
        _once("demo project", lambda: _make_demo(say))


def administrator_name() -> str:
    """Return the name that the first administrator signs in with."""
    return (
        User.objects.filter(is_superuser=True).order_by("pk").values_list("username", flat=True).first() or ""
    )


def _once(step: str, action: Callable[[], None]) -> None:
    if not FirstStartStep.objects.filter(name=step).exists():
        action()
        FirstStartStep.objects.create(name=step)


def _make_administrator(say: Callable[[str], None]) -> None:
    if User.objects.filter(is_superuser=True).exists():
        return
    chosen = os.environ.get("ADMIN_PASSWORD")
    password = chosen or secrets.token_urlsafe(12)
    User.objects.create_superuser(ADMINISTRATOR, password=password)
    shown = "the password of ADMIN_PASSWORD" if chosen else f"password {password}   (shown only now)"
    say(f"Sign in as {ADMINISTRATOR} with {shown}")


def _make_demo(say: Callable[[str], None]) -> None:
    make_demo_project(user=User.objects.filter(is_superuser=True).order_by("pk").first(), say=say)
