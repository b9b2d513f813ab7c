"""What commands share: naming a project, showing progress, answering in JSON."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from labeling.access import Act, check
from labeling.errors import Refused
from labeling.models import LabelSource, Project


class WorkbenchCommand(BaseCommand):
    """A command that turns refusals into one clear line, draws progress on terminals only, and can answer in JSON.

    `act` is what one must be allowed to do in the project that the command works on, `user` who does it.
    """

    act = Act.VIEW
    user: Any = None

    def execute(self, *args: Any, **options: Any) -> str | None:
        if not connection.introspection.table_names():
            # A script on a fresh data folder: what `make up` would do first.
            call_command("migrate", verbosity=0, interactive=False)
        try:
            self.user = self.find_user(options.get("acting_user"))
            return super().execute(*args, **options)
        except (Refused, PermissionDenied) as error:
            raise CommandError(str(error)) from None

    def add_project_argument(self, parser: CommandParser) -> None:
        parser.add_argument("project", metavar="PROJECT", help="name or number of the project")
        parser.add_argument(
            "--as",
            dest="acting_user",
            metavar="NAME",
            help="act as this user, whose role in the project must be enough (default: as an administrator)",
        )

    def add_paths_argument(self, parser: CommandParser) -> None:
        what = "an image, a folder, a zip or a tar"
        parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help=what)

    def find_user(self, name: str | None) -> Any:
        """Return the user of a name; without one the first administrator, None where there is none yet."""
        users = get_user_model().objects.order_by("pk")
        if name is None:
            return users.filter(is_superuser=True).first()
        user = users.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no user “{name}”. Name one who can sign in.")
        return user

    def find_project(self, wanted: str) -> Project:
        """Return the project of a name or, failing that, of a number, if the acting user's role is enough."""
        project: Project | None = Project.objects.filter(name=wanted).first()
        if project is None and wanted.isdecimal():
            project = Project.objects.filter(pk=int(wanted)).first()
        if project is None:
            names = ", ".join(
                f"“{name}”" for name in Project.objects.order_by("name").values_list("name", flat=True)[:20]
            )
            raise CommandError(
                f"There is no project “{wanted}”. "
                + (f"There are {names}." if names else "Create one first.")
            )
        if self.user is not None:
            check(self.user, project, self.act)
        return project

    def print_json(self, value: Any) -> None:
        self.stdout.write(json.dumps(value, indent=2, ensure_ascii=False))

    def progress(self, text: str) -> None:
        """Rewrite the progress line, on a terminal only."""
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[2K{text}")
            sys.stderr.flush()

    def end_progress(self) -> None:
        self.progress("")


def follow(fetch: Callable[[], Any], show: Callable[[Any], None], *, every: float = 0.5) -> Any:
    """Fetch a job row again and again, showing it, until it has ended; return it."""
    while True:
        row = fetch()
        show(row)
        if not row.is_active:
            return row
        time.sleep(every)


def read_label_option(value: str) -> tuple[str, Path | None]:
    """Turn `filename`, `folder`, `none`, `csv` or `csv:FILE` into (label source, file with the labels)."""
    source, _, path = value.partition(":")
    if source not in LabelSource.values or (path and source != LabelSource.TABLE):
        raise CommandError(f"--labels {value} does not work: write filename, folder, none, csv or csv:FILE.")
    if path and not Path(path).is_file():
        raise CommandError(f"The table of labels cannot be read: there is no file {path}.")
    return source, Path(path) if path else None


def files_below(paths: list[Path]) -> Iterator[tuple[str, Path]]:
    """Yield (name relative to the given path's parent, path) of every file; hidden ones are passed over."""
    for path in paths:
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                relative = file.relative_to(path.parent)
                if file.is_file() and not any(part.startswith(".") for part in relative.parts[1:]):
                    yield relative.as_posix(), file
        elif path.is_file():
            yield path.name, path
        else:
            raise CommandError(f"There is no file or folder {path}.")
