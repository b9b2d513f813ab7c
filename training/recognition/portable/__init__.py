"""A model as one zip that reads by itself: the exported file, ten lines that use it, and the very modules with which
the site reads. They are copied from this package when the zip is written, so both cannot drift apart."""

import ast
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("labeling", "training")
ENTRANCES = ("training.recognition.reader", "labeling.imaging.decode")
"""What `read.py` imports."""
READER = Path(__file__).with_name("read.py")


def write_archive(target: BinaryIO, *, model: bytes, card: str, card_json: Mapping[str, Any]) -> None:
    """Write the zip: `model.onnx`, the model card as `MODEL_CARD.md` and `model_card.json`, `read.py`,
    `requirements.txt`, and the modules that reading takes.

    Args:
        model: what `training.recognition.export.export_reader` wrote.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.onnx", model)
        archive.writestr("MODEL_CARD.md", card)
        archive.writestr("model_card.json", json.dumps(card_json, indent=2, ensure_ascii=False))
        archive.write(READER, "read.py")
        archive.writestr("requirements.txt", "\n".join([*requirements(model), ""]))
        for path in needed_modules():
            archive.write(path, path.relative_to(ROOT).as_posix())


def requirements(model: bytes) -> list[str]:
    """Return what must be installed to read with an exported model: OpenCV only where it looks for slices or for the
    text, for which it prepares pictures outside of the file (see `export_reader`)."""
    from training.recognition.reader import Reader

    cut = ["opencv-python-headless"] if Reader(model, threads=1).takes_boxes else []
    return ["numpy", "onnxruntime", "pillow", *cut]


def needed_modules() -> list[Path]:
    """Return the files of all modules of this project that reading imports, with their packages' `__init__`."""
    found: dict[str, Path] = {}
    waiting = list(ENTRANCES)
    while waiting:
        name = waiting.pop()
        path = _file_of(name)
        if path is None or name in found:
            continue
        found[name] = path
        # A module's packages come first, as they do when it is imported.
        waiting += [name.rpartition(".")[0], *_imported(path)]
    return sorted(found.values())


def _file_of(name: str) -> Path | None:
    """The file of one of the project's modules; None for other modules and for what is a name in a module."""
    if name.partition(".")[0] not in PACKAGES:
        return None
    path = ROOT.joinpath(*name.split("."))
    return next((each for each in (path.with_suffix(".py"), path / "__init__.py") if each.is_file()), None)


def _imported(path: Path) -> list[str]:
    """The names that a file imports when it is imported itself: of modules, and of what may be modules."""
    names = []
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, ast.Import):
            names += [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{each.name}" for each in node.names)]
    return names
