"""Steps per second of the refiner's presets, as FLOP/s beside what the machine reaches in large matrix products.

The preset `paper` is for a graphics processor: where there is none, its networks are measured with small batches.
"""

import dataclasses

import numpy as np

from benchmarks.common import save, sized
from benchmarks.speed.flops import MatrixProducts, forward_flops
from benchmarks.speed.timing import interleaved, ratio, summary
from training.recognition.backend import describe_backend, has_gpu
from training.recognition.refinement.game import Game
from training.recognition.refinement.presets import NARROW, PAPER, Preset
from training.recognition.refinement.refiner import BATCH

SHAPE = (50, 100, 3)
PICTURES = 512
ROUNDS = sized(30, 3)
SMALL_BATCH = 8


def main() -> None:
    small = dataclasses.replace(PAPER, batch_size=SMALL_BATCH, buffer_size=4 * SMALL_BATCH)
    for preset in (NARROW, PAPER if has_gpu() else small):
        save(f"refinement_{preset.name}", measured(preset), backend=describe_backend())


def measured(preset: Preset) -> dict[str, object]:
    """Seconds and FLOP/s of both kinds of steps, and of refining; all in turns with matrix products."""
    random = np.random.default_rng(0)
    synthetic, real = random.integers(0, 256, (2, PICTURES, *SHAPE)).astype(np.uint8)
    game = Game(preset, synthetic, real, seed=0)
    game.begin_history(random)
    refiner = game.refiner_with(game.averaged_weights())
    products, peaks = MatrixProducts(), []
    seconds = interleaved(
        {
            "refiner_step": lambda _: game.teach_refiner(random),
            "discriminator_step": lambda _: game.teach_discriminator(random),
            "refine": lambda _: refiner.refine(synthetic[:BATCH]),
            "products": lambda _: peaks.append(products.flops_per_second()),
        },
        ROUNDS,
    )
    forward, judging = forward_flops(game.refiner), forward_flops(game.discriminator)
    size = preset.batch_size
    # A step costs a forward pass, and as much again for what goes back to the inputs and to the weights each; the
    # judge's weights do not learn, and the discriminator's step only draws with the refiner.
    flops = {
        "refiner_step": size * (3 * forward + 2 * judging),
        "discriminator_step": size * (forward / 2 + 2 * 3 * judging),
        "refine": BATCH * forward,
    }
    peaks = peaks[-ROUNDS:]
    rounds = [
        preset.refiner_steps * one + preset.discriminator_steps * other
        for one, other in zip(seconds["refiner_step"], seconds["discriminator_step"], strict=True)
    ]
    parts = {
        name: {
            "steps_per_second": summary([1 / one for one in seconds[name]]),
            "flops_per_second": summary(rates := [count / one for one in seconds[name]]),
            "share_of_peak": ratio(rates, peaks),
        }
        for name, count in flops.items()
    }
    return {
        "pictures": list(SHAPE),
        "batch_size": size,
        "weights": {
            "refiner": game.refiner.count_params(),
            "discriminator": game.discriminator.count_params(),
        },
        "forward_flops": {"refiner": forward, "discriminator": judging},
        "rounds_per_second": summary([1 / one for one in rounds]),
        "refined_pictures_per_second": summary([BATCH / one for one in seconds["refine"]]),
        "matrix_product_flops_per_second": summary(peaks),
        **parts,
    }


if __name__ == "__main__":
    main()
