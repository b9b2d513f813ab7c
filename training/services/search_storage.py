"""Where Optuna keeps its studies: in the site's own database, in tables that it makes itself.

On PostgreSQL they have a schema of their own. In SQLite's one file they lie beside Django's tables, whose names all
begin with an app's.
"""

import time
from typing import Any

import optuna
import sqlalchemy.exc
from django.db import connection
from optuna.exceptions import StorageInternalError
from optuna.storages import RDBStorage
from sqlalchemy.pool import NullPool

SCHEMA = "optuna"
# Of Django's options for PostgreSQL, those that are none of the driver's.
_DJANGO_ONLY = {"pool", "server_side_binding", "isolation_level", "assume_role"}
_ATTEMPTS = 5

optuna.logging.set_verbosity(optuna.logging.WARNING)


def open_storage() -> RDBStorage:
    """Return the storage of all studies; its tables are made where they are missing."""
    url, arguments = _address(connection.settings_dict)
    if connection.vendor == "postgresql":
        _make_schema()
    for attempt in range(_ATTEMPTS):
        try:
            # No lasting connections: minutes lie between two questions, and the database may be restarted meanwhile.
            return RDBStorage(url, engine_kwargs={"connect_args": arguments, "poolclass": NullPool})
        except (sqlalchemy.exc.SQLAlchemyError, StorageInternalError):
            # Two workers that make the tables at the same moment get in each other's way once.
            if attempt == _ATTEMPTS - 1:
                raise
            time.sleep(0.2 * (attempt + 1))
    raise AssertionError("unreachable")


def _address(settings: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Turn Django's settings of a database into SQLAlchemy's address and the driver's arguments."""
    options = settings.get("OPTIONS") or {}
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        # As Django's own connections: a writer waits for its turn at BEGIN instead of failing half-way.
        arguments = {"timeout": options.get("timeout", 30), "isolation_level": "IMMEDIATE"}
        return f"sqlite:///{settings['NAME']}", arguments
    arguments = {name: value for name, value in options.items() if name not in _DJANGO_ONLY}
    arguments["options"] = f"{arguments.get('options', '')} -c search_path={SCHEMA}".strip()
    # As arguments rather than in the address, which cannot say that the host is a socket's folder.
    for name, ours in (
        ("dbname", "NAME"),
        ("user", "USER"),
        ("password", "PASSWORD"),
        ("host", "HOST"),
        ("port", "PORT"),
    ):
        if settings.get(ours):
            arguments[name] = settings[ours]
    return "postgresql+psycopg://", arguments


def _make_schema() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM information_schema.schemata WHERE schema_name = %s", [SCHEMA])
        if cursor.fetchone() is None:
            # Two at once: the one who waits for the lock finds it made.
            cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [SCHEMA])
            try:
                cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            finally:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [SCHEMA])
