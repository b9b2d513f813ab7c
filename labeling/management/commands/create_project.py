from typing import Any

from django.core.management.base import CommandParser

from labeling.management.console import WorkbenchCommand
from labeling.services.projects import create_project, parse_length


class Command(WorkbenchCommand):
    help = "Create a project: one family of images that share a look, an alphabet and a length."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument(
            "--alphabet",
            required=True,
            help="every character that can appear, for example 0123456789",
        )
        parser.add_argument("--length", required=True, help="a number such as 5, or a range such as 4-8")
        parser.add_argument(
            "--case-sensitive",
            action="store_true",
            help="tell A from a (they count as one otherwise)",
        )
        parser.add_argument("--description", default="")
        parser.add_argument(
            "--owner",
            help="sign-in name of the project's owner (default: the first administrator)",
        )
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        low, high = parse_length(options["length"])
        project = create_project(
            user=self.find_user(options["owner"]),
            name=options["name"],
            alphabet=options["alphabet"],
            min_length=low,
            max_length=high,
            case_sensitive=options["case_sensitive"],
            description=options["description"],
        )
        if options["json"]:
            self.print_json(
                {
                    "id": project.pk,
                    "name": project.name,
                    "alphabet": project.alphabet,
                    "min_length": project.min_length,
                    "max_length": project.max_length,
                    "case_sensitive": project.case_sensitive,
                }
            )
        else:
            self.stdout.write(f"Created project {project.pk}, “{project.name}”.")
