from typing import Any

from django.core.management.base import CommandError, CommandParser

from labeling.access import Act, check
from labeling.jobs import JobState
from labeling.management.console import WorkbenchCommand
from training.models import SuggestionPass
from training.services.suggesting import forget, suggest, switch_starter


class Command(WorkbenchCommand):
    help = (
        "Read a project's unlabelled images with its production model or, before it has one, with the starter, as "
        "suggestions for the people."
    )
    act = Act.TRAIN

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_project_argument(parser)
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--local", action="store_true", help="read in this process, without a worker")
        what.add_argument("--forget", action="store_true", help="delete all suggestions and doubts instead")
        what.add_argument(
            "--starter",
            choices=["on", "off"],
            help="let the starter suggest until there is a model, or not: then its suggestions are deleted",
        )
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        project = self.find_project(options["project"])
        if options["forget"]:
            forget(project=project, user=self.user)
            self.stdout.write(f"“{project.name}” has no suggestions any more.")
            return
        if options["starter"]:
            if self.user is not None:
                check(self.user, project, Act.CHANGE_SETTINGS)
            switch = switch_starter(project=project, user=self.user, is_on=options["starter"] == "on")
            if options["json"]:
                self.print_json({"starter": switch.is_on})
            else:
                self.stdout.write(
                    f"The starter suggests texts in “{project.name}” until it has a model."
                    if switch.is_on
                    else f"The starter suggests nothing in “{project.name}”."
                )
            return
        row = suggest(project=project, user=self.user, here=options["local"])
        if options["local"]:
            # Only now, so that queueing a pass does not wait for ONNX Runtime.
            from training.services.suggesting_work import run_pass

            run_pass(row.pk, on_progress=self._show)
            self.end_progress()
            row.refresh_from_db()
        self._report(row, as_json=options["json"])

    def _show(self, row: SuggestionPass) -> None:
        self.progress(f"{row.done} of {row.total} images")

    def _report(self, row: SuggestionPass, *, as_json: bool) -> None:
        if as_json:
            progress = {"state": row.state, "error": row.error, "done": row.done, "total": row.total}
            by = "model" if row.model_id else "starter"
            self.print_json({"by": by, "model": row.model_id, **progress})
        else:
            self.stdout.write(f"{row} are {row.state}: {row.done} of {row.total} images have one.")
        if row.state == JobState.FAILED:
            raise CommandError(row.error)
