from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from labeling.access import Act
from labeling.imaging.archives import Member
from labeling.management.console import WorkbenchCommand
from training.management.files import chosen_model, members_below
from training.models import Model
from training.services.models import open_reader
from training.services.reading import ReadingResult, read_encoded, with_verdicts

BATCH = 64


class Command(WorkbenchCommand):
    help = "Read images with a project's model."
    act = Act.READ

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_project_argument(parser)
        self.add_paths_argument(parser)
        parser.add_argument(
            "--model",
            type=int,
            metavar="ID",
            help="default: the project's production model",
        )
        parser.add_argument(
            "--json",
            action="store_true",
            help="answer in JSON, with every character's alternatives",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        model = chosen_model(self.find_project(options["project"]), options["model"])
        rows = []
        for name, result in _readings(model, options["paths"]):
            if options["json"]:
                rows.append({"name": name, **asdict(result)})
                self.progress(f"read {len(rows)} images")
            elif result.error:
                self.stderr.write(f"{name}: {result.error}")
            else:
                self.stdout.write(f"{name}\t{result.text}\t{result.confidence:.3f}\t{result.verdict}")
        self.end_progress()
        if options["json"]:
            self.print_json({"model": model.pk, "readings": rows})


def _readings(model: Model, paths: list[Path]) -> Iterator[tuple[str, ReadingResult]]:
    reader, members = open_reader(model), members_below(paths)
    while batch := list(islice(members, BATCH)):
        readable = [member for member in batch if isinstance(member, Member)]
        results = iter(with_verdicts(read_encoded(reader, [member.data for member in readable]), model))
        for member in batch:
            yield (
                member.name,
                next(results) if isinstance(member, Member) else ReadingResult(error=member.message),
            )
