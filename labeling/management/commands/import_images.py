from typing import Any

from django.core.files import File
from django.core.management.base import CommandError, CommandParser
from django.db.models import Count

from labeling.access import Act
from labeling.formats.readers import is_json, is_table
from labeling.jobs import JobState
from labeling.management.console import (
    WorkbenchCommand,
    files_below,
    follow,
    read_label_option,
)
from labeling.models import Import, Outcome
from labeling.services.import_work import run_import
from labeling.services.imports import add_upload, create_import, queue_import


class Command(WorkbenchCommand):
    help = "Import image files, folders and archives (zip, tar) into a project, with or without labels."
    act = Act.IMPORT

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_project_argument(parser)
        self.add_paths_argument(parser)
        parser.add_argument(
            "--labels",
            default="none",
            metavar="{filename,folder,none,csv,csv:FILE}",
            help="where the texts come from (default: none); csv stands for any table, JSON, Label Studio export or "
            "dataset, FILE or among the paths; without pictures it labels images that are there",
        )
        parser.add_argument(
            "--split-anew",
            action="store_true",
            help="do not keep images in the split (train, validation, test) of their folder or dataset",
        )
        parser.add_argument(
            "--json",
            action="store_true",
            help="answer in JSON, with the outcome of every file",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        project = self.find_project(options["project"])
        source, table = read_label_option(options["labels"])
        files = list(files_below(options["paths"]))
        if table is not None:
            is_known = is_table(table.name) or is_json(table.name)
            files.append((table.name if is_known else f"{table.name}.csv", table))
        batch = create_import(
            project=project,
            user=self.user,
            label_source=source,
            keep_splits=not options["split_anew"],
        )
        for number, (name, path) in enumerate(files, start=1):
            with path.open("rb") as file:
                add_upload(import_batch=batch, name=name, file=File(file))
            if number % 100 == 0:
                self.progress(f"collected {number} of {len(files)} files")
        queue_import(import_batch=batch, here=True)
        # Here rather than on a worker, so that scripts need none; where one was quicker, wait for it.
        run_import(batch.pk, on_progress=self._show)
        row = follow(lambda: Import.objects.get(pk=batch.pk), self._show)
        self.end_progress()
        self._report(row, as_json=options["json"])

    def _show(self, row: Import) -> None:
        self.progress(f"imported {row.position} of {row.total or '?'} files, {row.rejected} rejected")

    def _report(self, row: Import, *, as_json: bool) -> None:
        if as_json:
            files = row.files.values("name", "outcome", "message")
            self.print_json(
                {
                    "import": row.pk,
                    "state": row.state,
                    "counts": _counts(row),
                    "files": list(files),
                }
            )
        else:
            for file in row.files.exclude(message="").exclude(outcome=Outcome.DUPLICATE):
                self.stdout.write(f"{file.name}: {file.get_outcome_display()}: {file.message}")
            counts = ", ".join(f"{n} {Outcome(outcome).label.lower()}" for outcome, n in _counts(row).items())
            self.stdout.write(f"Import {row.pk}: {counts or 'nothing'}.")
        if row.state == JobState.FAILED:
            raise CommandError(row.error)


def _counts(row: Import) -> dict[str, int]:
    return dict(row.files.values_list("outcome").annotate(n=Count("id")).order_by("outcome"))
