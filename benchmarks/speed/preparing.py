"""What an image costs beside the network: decoding, preparing, augmenting, choosing the text."""

import io

import numpy as np
from PIL import Image

from benchmarks.common import save, sized
from benchmarks.speed.readers import Timed, timed
from benchmarks.speed.timing import interleaved, summary
from labeling.imaging.decode import decode_image
from training.recognition.architectures import get_architecture
from training.recognition.augmentation import Augmentation
from training.recognition.data import build_samples

ROUNDS = sized(200, 5)


def main() -> None:
    for each in timed():
        save(f"speed/preparing_{each.architecture}", {"microseconds_per_image": _measure(each)})


def _measure(each: Timed) -> dict[str, dict[str, float]]:
    architecture = get_architecture(each.architecture)
    hyperparameters = architecture.parse(None)
    pairs = [(image.pixels, image.text) for image in each.images]
    files = [_png(pixels) for pixels, _ in pairs]
    samples = build_samples(pairs, each.task, architecture)
    inputs = samples.pictures.reshape(-1, *samples.pictures.shape[2:])
    augmentation, random = Augmentation.of(hyperparameters), np.random.default_rng(0)
    model = each.network()
    probabilities = model.probabilities(samples)
    seconds = interleaved(
        {
            "decoding a PNG": lambda turn: decode_image(files[turn % len(files)]),
            "preparing and resizing": lambda turn: build_samples(
                [pairs[turn % len(pairs)]], each.task, architecture
            ),
            "augmenting": lambda turn: augmentation.batch(inputs, random),
            "choosing the text": lambda turn: model.decoder.decode(probabilities, each.task),
        },
        ROUNDS,
    )
    together = {"augmenting": len(inputs), "choosing the text": len(samples)}
    return {
        name: summary([1e6 * one / together.get(name, 1) for one in values])
        for name, values in seconds.items()
    }


def _png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


if __name__ == "__main__":
    main()
