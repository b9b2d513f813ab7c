from typing import Any

from django.core.management.base import CommandError, CommandParser

from labeling.access import Act, Scope
from labeling.management.console import WorkbenchCommand
from webapp.accounts.tokens import create_token


class Command(WorkbenchCommand):
    help = "Make an API token and print it; it cannot be had again."
    act = Act.VIEW

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="what it is for")
        parser.add_argument(
            "--project", metavar="PROJECT", help="the one project that it is good in (default: all)"
        )
        parser.add_argument(
            "--scopes",
            metavar="SCOPE,…",
            help=f"what it may do (default: all): {', '.join(Scope)}",
        )
        parser.add_argument(
            "--days", type=int, metavar="N", help="how long it is good (default: until it is revoked)"
        )
        parser.add_argument(
            "--as",
            dest="acting_user",
            metavar="NAME",
            help="whom it stands for (default: an administrator)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if self.user is None:
            raise CommandError(
                "There is no administrator yet whom it could stand for. Run `manage.py up` once."
            )
        scopes = options["scopes"]
        _, secret = create_token(
            user=self.user,
            name=options["name"][:100],
            scopes=None if scopes is None else [one.strip() for one in scopes.split(",") if one.strip()],
            project=self.find_project(options["project"]) if options["project"] else None,
            days=options["days"],
        )
        self.stdout.write(secret)
