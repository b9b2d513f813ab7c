from typing import Any

from django.core.management.base import CommandParser

from labeling.access import Act
from labeling.management.console import WorkbenchCommand
from training.services.automatic_loop import loop_of, new_annotations, switch_loop


class Command(WorkbenchCommand):
    help = "Let a project train by itself after every so many new annotations; without options, say whether it does."
    act = Act.CHANGE_SETTINGS

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_project_argument(parser)
        switch = parser.add_mutually_exclusive_group()
        switch.add_argument("--on", action="store_true", help="from now on")
        switch.add_argument("--off", action="store_true", help="no more; a run under way goes on")
        parser.add_argument("--every", type=int, metavar="N", help="new annotations (default: as it is, 100)")
        parser.add_argument("--max-minutes", type=float, metavar="M", help="most minutes of each training")

    def handle(self, *args: Any, **options: Any) -> None:
        project = self.find_project(options["project"])
        loop = loop_of(project)
        numbers = {"every": options["every"], "max_minutes": options["max_minutes"]}
        if options["on"] or options["off"] or any(number is not None for number in numbers.values()):
            is_on = options["on"] or (loop.is_on and not options["off"])
            loop = switch_loop(project=project, user=self.user, is_on=is_on, **numbers)
        if not loop.is_on:
            self.stdout.write(f"“{project.name}” does not train by itself.")
            return
        self.stdout.write(
            f"“{project.name}” trains by itself after every {loop.every} annotations, "
            f"{loop.max_minutes:g} minutes at most; {new_annotations(loop)} are new."
        )
        if loop.problem:
            self.stdout.write(f"The last run could not start: {loop.problem}")
