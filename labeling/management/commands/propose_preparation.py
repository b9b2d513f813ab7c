from typing import Any

from django.core.management.base import CommandParser

from labeling.access import Act
from labeling.management.console import WorkbenchCommand
from labeling.recipe_form import describe
from labeling.services.preparations import propose_preparation, save_preparation


class Command(WorkbenchCommand):
    help = "Propose a preparation from a project's images, with a reason for every choice."
    act = Act.PREPARE

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_project_argument(parser)
        parser.add_argument(
            "--apply",
            action="store_true",
            help="make it the project's preparation; a worker then cuts the slices",
        )
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        project = self.find_project(options["project"])
        proposal = propose_preparation(project=project)
        applied = None
        if options["apply"]:
            applied = save_preparation(project=project, user=self.user, recipe=proposal.recipe)
        if options["json"]:
            self.print_json(
                {
                    "recipe": proposal.recipe.to_json(),
                    "reasons": proposal.reasons,
                    "preparation": applied.version if applied else None,
                }
            )
            return
        for part in (*proposal.recipe.steps, proposal.recipe.slicing):
            self.stdout.write(describe(part))
        for reason in proposal.reasons:
            self.stdout.write(f"- {reason}")
        self.stdout.write(
            f"{applied} is in force." if applied else "Nothing was changed; --apply puts this in force."
        )
