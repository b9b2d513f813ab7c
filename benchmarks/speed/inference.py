"""Reading with the exported file on one thread, beside ddddocr on the same decoded images in the same process.

In its turn, each reads the same 64 images, one after the other or as one batch: what counts is images per second, not
how long a first image takes after something else filled the processor's caches.
"""

import tempfile
from pathlib import Path
from typing import Any

import onnxruntime
from PIL import Image

from benchmarks.accuracy.peers import ddddocr_engine
from benchmarks.common import save, sized
from benchmarks.speed.readers import BATCH, Timed, timed
from benchmarks.speed.timing import interleaved, ratio, summary
from training.recognition.reader import Reader

ROUNDS = sized(50, 3)
PEERS = ("ddddocr", "ddddocr, one thread")


def main() -> None:
    for each in timed():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.onnx"
            trained = each.export(path)
            reader = Reader(path, threads=1)
        pixels = [image.pixels for image in each.images]
        pictures = [Image.fromarray(one) for one in pixels]
        engine = ddddocr_engine().ocr_engine
        sessions = {"ddddocr": engine.session, "ddddocr, one thread": _one_thread(engine)}

        def peer(name: str, engine: Any = engine, sessions: Any = sessions, pictures: Any = pictures) -> None:
            engine.session = sessions[name]
            for picture in pictures:
                engine.predict(picture)

        def one_by_one(reader: Reader = reader, pixels: Any = pixels) -> None:
            for one in pixels:
                reader.read([one])

        seconds = interleaved(
            {
                **{name: lambda turn, name=name, peer=peer: peer(name) for name in PEERS},
                "batch 1": lambda turn, read=one_by_one: read(),
                "batch 64": lambda turn, reader=reader, pixels=pixels: reader.read(pixels),
            },
            ROUNDS,
        )
        engine.session = sessions["ddddocr"]
        seconds = {name: [one / BATCH for one in values] for name, values in seconds.items()}
        save(
            f"speed/inference_{each.architecture}",
            {
                "file_bytes": trained["file_bytes"],
                "quantised": trained["quantised"],
                "test_images": trained["n"],
                "right": trained["right"],
                "peer_right": _peer_right(engine, each),
                "image_size": list(pixels[0].shape),
                "milliseconds_per_image": {
                    name: summary([1000 * one for one in values]) for name, values in seconds.items()
                },
                "times_as_fast": {
                    own: {peer: ratio(seconds[peer], seconds[own]) for peer in PEERS}
                    for own in ("batch 1", "batch 64")
                },
            },
        )


def _peer_right(engine: Any, each: Timed) -> int:
    """How many of the test images the peer reads right, by itself."""
    readings = [engine.predict(Image.fromarray(image.pixels)) for image in each.test_images]
    return sum(
        each.task.normalise(reading) == each.task.normalise(image.text)
        for reading, image in zip(readings, each.test_images, strict=True)
    )


def _one_thread(engine: Any) -> onnxruntime.InferenceSession:
    """The peer's own model with the one thread that our reader has."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        engine.session._model_path, options, providers=["CPUExecutionProvider"]
    )


if __name__ == "__main__":
    main()
