"""What it costs a reading to tell strangers: single images, beside the same file without that test."""

import tempfile
from pathlib import Path

import onnx

from benchmarks.common import save, sized
from benchmarks.speed.readers import Timed, timed
from benchmarks.speed.timing import interleaved, ratio, summary
from training.recognition.export import export_reader, keep_family
from training.recognition.reader import FAMILY_KEY, Reader

ROUNDS = sized(60, 3)
READERS = 3
"""So many of each, as sessions of one file differ by a few percent."""

FAMILY = 400


def main() -> None:
    for each in timed():
        with tempfile.TemporaryDirectory() as folder:
            told, plain, quantised = _files(each, Path(folder))
            readers = {"without": _readers(plain), "with": _readers(told)}
        pixels = [image.pixels for image in each.images]

        def read(some: list[Reader], turn: int, pixels: list = pixels) -> None:  # type: ignore[type-arg]
            reader = some[turn % READERS]
            for one in pixels:
                reader.read([one])

        seconds = interleaved(
            {name: lambda turn, some=some, read=read: read(some, turn) for name, some in readers.items()},
            ROUNDS,
        )
        per_image = {name: [one / len(pixels) for one in values] for name, values in seconds.items()}
        save(
            f"speed/looking_{each.architecture}",
            {
                "quantised": quantised,
                "image_size": list(pixels[0].shape),
                "milliseconds_per_image": {
                    name: summary([1000 * one for one in values]) for name, values in per_image.items()
                },
                "times_as_long": ratio(per_image["with"], per_image["without"]),
            },
        )


def _files(each: Timed, folder: Path) -> tuple[Path, Path, bool]:
    """A file that tells strangers, the same without what that takes, and whether both compute with small integers."""
    told, plain = folder / "told.onnx", folder / "plain.onnx"
    family = [image.pixels for image in each.labelled[:FAMILY]]
    report = export_reader(each.network(), told, family)
    keep_family(told, family)
    model = onnx.load(told)
    outputs = [output for output in model.graph.output if output.name != "look"]
    del model.graph.output[:]
    model.graph.output.extend(outputs)
    kept = {prop.key: prop.value for prop in model.metadata_props if prop.key != FAMILY_KEY}
    onnx.helper.set_model_props(model, kept)
    onnx.save(model, plain)
    return told, plain, report.quantised


def _readers(path: Path) -> list[Reader]:
    return [Reader(path, threads=1) for _ in range(READERS)]
