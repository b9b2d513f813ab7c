from typing import Any

from django.core.management.base import CommandParser

from labeling.access import Act
from labeling.management.console import WorkbenchCommand
from labeling.services.counts import recount
from labeling.services.settling import settle_all

BATCH = 500


class Command(WorkbenchCommand):
    help = (
        "Settle every image of a project anew and count them: for rows that were changed or deleted by hand."
    )
    act = Act.CHANGE_SETTINGS

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_project_argument(parser)
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        project = self.find_project(options["project"])
        images = project.images.order_by("id").values_list("pk", flat=True)
        done = last = 0
        while batch := list(images.filter(pk__gt=last)[:BATCH]):
            settle_all(batch)
            done, last = done + len(batch), batch[-1]
            self.progress(f"settled {done} images")
        self.end_progress()
        counts = recount(project=project)
        numbers = {
            status: getattr(counts, status) for status in ("unlabelled", "labelled", "disputed", "skipped")
        }
        if options["json"]:
            self.print_json(numbers)
        else:
            self.stdout.write(
                f"“{project.name}”: {', '.join(f'{n} {status}' for status, n in numbers.items())}."
            )
