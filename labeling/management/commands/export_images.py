import os
import tempfile
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.core.management.base import CommandError, CommandParser

from labeling.access import Act
from labeling.management.console import WorkbenchCommand
from labeling.services.audit import Action, record
from labeling.services.export_formats import FORMATS, format_named


class Command(WorkbenchCommand):
    help = "Export a project's images and labels into a file."
    act = Act.EXPORT

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_project_argument(parser)
        parser.add_argument("file", metavar="FILE", type=Path, help="where to write; replaced if it is there")
        parser.add_argument("--format", default="table", choices=sorted(FORMATS), help="default: table")
        parser.add_argument(
            "--option",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="an option of the format, such as kind=tsv, pictures=no, annotators=yes; may be given again",
        )
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        project = self.find_project(options["project"])
        chosen = format_named(options["format"])
        cleaned = chosen.options.cleaned(project, dict(map(_option, options["option"])))
        total = chosen.total(project, cleaned)
        path: Path = options["file"]
        # Beside its final place and moved there when whole: an interrupted export leaves what was there before.
        try:
            with tempfile.NamedTemporaryFile(
                dir=path.parent, prefix=f".{path.name}.", delete=False
            ) as target:
                try:
                    note = chosen.write(
                        project,
                        cleaned,
                        cast(BinaryIO, target),
                        lambda done: self.progress(f"exported {done:,} of {total:,} images"),
                    )
                except BaseException:
                    os.unlink(target.name)
                    raise
            os.chmod(target.name, 0o644)
            os.replace(target.name, path)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error}") from None
        self.end_progress()
        record(
            project=project,
            user=self.user,
            action=Action.EXPORT_MADE,
            target=chosen.title,
            detail=cleaned,
        )
        if options["json"]:
            self.print_json({"file": str(path), "format": chosen.name, "images": total, "note": note})
        else:
            self.stdout.write(f"{path}: {total:,} images as {chosen.title}. {note}".strip())


def _option(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise CommandError(f"--option {text} does not work: write NAME=VALUE.")
    return name, {"yes": True, "no": False}.get(value, value)
