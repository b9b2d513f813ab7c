import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from labeling.access import Act
from labeling.formats.entries import BadEntry
from labeling.formats.label_book import LabelBook
from labeling.formats.readers import is_json, is_table, read_entries
from labeling.imaging.archives import RejectedMember
from labeling.imaging.labels import InvalidText
from labeling.management.console import WorkbenchCommand, read_label_option
from labeling.models import LabelSource
from labeling.services.members import label_of
from training.coverage_words import coverage_words
from training.management.files import chosen_model, members_below
from training.models import Model
from training.recognition.reader import Reader
from training.services.evaluation import chosen_coverage, evaluate_readings, evaluation_json
from training.services.models import open_reader
from training.services.reading import ReadingResult, read_encoded
from training.verdicts import is_stranger, verdict_of

BATCH = 64


@dataclass
class _Tally:
    """What was read so far."""

    names: list[str] = field(default_factory=list)
    truths: list[str] = field(default_factory=list)
    readings: list[ReadingResult] = field(default_factory=list)
    left_out: list[dict[str, str]] = field(default_factory=list)
    seconds: float = 0.0

    def read(self, reader: Reader, batch: list[tuple[str, str, bytes]]) -> None:
        start = time.perf_counter()
        results = read_encoded(reader, [data for _, _, data in batch])
        self.seconds += time.perf_counter() - start
        for (name, truth, _), result in zip(batch, results, strict=True):
            if result.error:
                self.leave_out(name, result.error)
            else:
                self.names.append(name)
                self.truths.append(truth)
                self.readings.append(result)

    def leave_out(self, name: str, message: str) -> None:
        self.left_out.append({"name": name, "message": message})


class Command(WorkbenchCommand):
    help = "Measure a model on labelled images."
    act = Act.READ

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_project_argument(parser)
        self.add_paths_argument(parser)
        parser.add_argument("--labels", required=True, metavar="{filename,folder,csv:FILE}")
        parser.add_argument(
            "--model",
            type=int,
            metavar="ID",
            help="default: the project's production model",
        )
        parser.add_argument(
            "--readings",
            action="store_true",
            help="with --json: every image's reading too",
        )
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        project = self.find_project(options["project"])
        model = chosen_model(project, options["model"])
        source, table = read_label_option(options["labels"])
        if source == LabelSource.NONE or (source == LabelSource.TABLE and table is None):
            raise CommandError("Measuring needs labels: --labels filename, folder or csv:FILE.")
        reader = open_reader(model)
        tally = _Tally()
        book = self._read_table(table, tally)
        batch: list[tuple[str, str, bytes]] = []
        for member in members_below(options["paths"]):
            if isinstance(member, RejectedMember):
                tally.leave_out(member.name, member.message)
                continue
            if is_table(member.name) or is_json(member.name):
                continue
            try:
                batch.append(
                    (
                        member.name,
                        label_of(project, source, member.name, book),
                        member.data,
                    )
                )
            except InvalidText as error:
                tally.leave_out(member.name, str(error))
            if len(batch) == BATCH:
                tally.read(reader, batch)
                batch.clear()
                self.progress(f"read {len(tally.readings)} images")
        if batch:
            tally.read(reader, batch)
        self.end_progress()
        if not tally.readings:
            reason = f" The first: {tally.left_out[0]}" if tally.left_out else ""
            raise CommandError(f"No image could be measured.{reason}")
        self._report(model, reader, tally, options)

    def _read_table(self, table: Path | None, tally: _Tally) -> LabelBook:
        book = LabelBook()
        if table is not None:
            with table.open("rb") as file:
                for entry in read_entries(file, table.name):
                    if isinstance(entry, BadEntry):
                        tally.leave_out(entry.name, entry.message)
                    elif entry.data is None:
                        book.add(entry)
        return book

    def _report(self, model: Model, reader: Reader, tally: _Tally, options: dict[str, Any]) -> None:
        evaluation = evaluate_readings(
            reader.task, tally.truths, tally.readings, validated=chosen_coverage(model.metrics)
        )
        measured = evaluation_json(evaluation)
        speed = len(tally.truths) / tally.seconds
        if options["json"]:
            answer = {
                "model": model.pk,
                **measured,
                "images_per_second": speed,
                "left_out": tally.left_out,
            }
            if options["readings"]:
                answer["readings"] = [
                    {
                        "name": name,
                        "truth": truth,
                        "text": read.text,
                        "confidence": read.confidence,
                        "strangeness": read.strangeness,
                        "verdict": verdict_of(read, model),
                    }
                    for name, truth, read in zip(tally.names, tally.truths, tally.readings, strict=True)
                ]
            self.print_json(answer)
            return
        low, high = measured["whole_string_interval"]
        self.stdout.write(
            f"{measured['whole_string_accuracy']:.1%} whole-string (95 % interval {low:.1%} to {high:.1%}, "
            f"n = {measured['n']}), {measured['character_accuracy']:.1%} per character, {speed:.0f} images/s."
        )
        if evaluation.calibration is not None:
            error = evaluation.calibration.expected_calibration_error
            self.stdout.write(f"Confidences are {error:.1%} off on average (expected calibration error).")
        chosen = chosen_coverage(model.metrics)
        if chosen is not None and evaluation.coverage is not None:
            self.stdout.write(str(coverage_words(chosen, evaluation.coverage, "images")))
        if strangers := sum(map(is_stranger, tally.readings)):
            self.stdout.write(f"{strangers} of {measured['n']} do not look like images of this family.")
        for row in tally.left_out:
            self.stdout.write(f"left out {row['name']}: {row['message']}")
