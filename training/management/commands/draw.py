import csv
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from PIL import Image

from labeling.access import Act
from labeling.management.console import WorkbenchCommand
from labeling.models import Project
from training.recognition.synthesis.any_style import AnyStyle, style_from_json
from training.recognition.synthesis.fonts import Font, find_fonts, fonts_of
from training.recognition.synthesis.ready import READY, ReadyStyle
from training.recognition.synthesis.source import draw_pictures, random_texts_of
from training.services.fonts import project_fonts

LABELS = "labels.csv"


class Command(WorkbenchCommand):
    help = (
        "Draw random texts into a folder of pictures, with a table of the texts that `import_images` reads."
    )
    act = Act.TRAIN

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="FOLDER", type=Path, help="new or empty")
        parser.add_argument(
            "--style",
            default="broad",
            metavar="STYLE",
            help=f"{', '.join(READY)}, or a JSON file that holds a style (default: broad)",
        )
        parser.add_argument(
            "--project", metavar="PROJECT", help="draw its alphabet, its lengths and with its fonts"
        )
        parser.add_argument("--count", type=int, default=100, metavar="N", help="default: 100")
        parser.add_argument(
            "--seed", type=int, default=0, help="equal seeds draw equal pictures (default: 0)"
        )
        parser.add_argument("--processes", type=int, metavar="N", help="default: one per processor")
        parser.add_argument("--as", dest="acting_user", metavar="NAME", help="act as this user")
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["count"] < 1 or (options["processes"] or 1) < 1:
            raise CommandError("Draw at least one picture, with at least one process.")
        project = self.find_project(options["project"]) if options["project"] else None
        style, ready = _find_style(options["style"])
        folder = _empty_folder(options["folder"])
        alphabet, lengths = _texts_of(project, ready)
        texts = random_texts_of(alphabet, lengths, options["count"], options["seed"])
        fonts = project_fonts(project) if project else find_fonts()
        started = time.perf_counter()
        try:
            fonts = fonts_of(style.fonts, fonts)
            self._draw(folder, texts, style, fonts, options)
        except ValueError as error:
            raise CommandError(str(error)) from error
        seconds = time.perf_counter() - started
        if options["json"]:
            self.print_json({"folder": str(folder), "pictures": len(texts), "seconds": round(seconds, 2)})
        else:
            self.stdout.write(f"{len(texts)} pictures and {LABELS} are in {folder}.")

    def _draw(
        self, folder: Path, texts: Sequence[str], style: AnyStyle, fonts: Sequence[Font], options: Any
    ) -> None:
        pictures = draw_pictures(texts, style, fonts, options["seed"], options["processes"])
        with (folder / LABELS).open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(("filename", "text"))
            for number, (picture, text) in enumerate(pictures, start=1):
                name = f"{number:06}.png"
                Image.fromarray(picture).save(folder / name, compress_level=1)
                table.writerow((name, text))
                if number % 100 == 0:
                    self.progress(f"{number} of {len(texts)} pictures")
        self.end_progress()


def _find_style(wish: str) -> tuple[AnyStyle, ReadyStyle]:
    """The style, and the ready one whose texts are drawn where no project says otherwise."""
    if wish in READY:
        return READY[wish].style, READY[wish]
    try:
        return style_from_json(json.loads(Path(wish).read_text(encoding="utf-8"))), READY["broad"]
    except OSError as error:
        raise CommandError(
            f"{wish!r} is neither a file nor a ready style: those are {', '.join(READY)}."
        ) from error
    except (ValueError, TypeError) as error:
        raise CommandError(f"{wish} holds no style: {error}") from error


def _texts_of(project: Project | None, ready: ReadyStyle) -> tuple[str, tuple[int, int]]:
    if project is None:
        return ready.alphabet, ready.lengths
    return project.alphabet, (project.min_length, project.max_length)


def _empty_folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"{folder} cannot be made: {error.strerror}.") from error
    if any(folder.iterdir()):
        raise CommandError(f"{folder} is not empty. Name a new folder, so that nothing is mixed up.")
    return folder
