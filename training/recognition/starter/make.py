"""Makes the starter model: trains `ctc` on texts drawn in many fonts. `make starter` runs it.

It sees drawn pictures only. A twentieth of the fonts is kept from training, so that its accuracy is that on fonts it
has never met. Stopped, it goes on where it was when it is called again.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from training.recognition.calibration import expected_calibration_error, fit_temperature
from training.recognition.data import Samples
from training.recognition.metrics import character_accuracy, whole_string_accuracy
from training.recognition.reader import Reader
from training.recognition.starter import (
    ALPHABET,
    LICENCES_FILE,
    RECORD_FILE,
    WEIGHTS_FILE,
    Weights,
    fingerprint,
    read_record,
    save_weights,
    starter_weights,
)
from training.recognition.starter.effects import EFFECTS
from training.recognition.starter.mixture import (
    FONTS,
    HELD_OUT,
    KINDS,
    LENGTHS,
    SOBER,
    STYLES,
    TASK,
    Mixture,
    font_families,
    font_licences,
    split_families,
)
from training.recognition.task import ReadingTask

FOLDER = Path(__file__).parent
WORK = Path(__file__).resolve().parents[3] / "data" / "starter"

VALIDATION = 1_536
CALIBRATION = 1_536
"""Pictures in held-out fonts, to see how well it reads, and how sure it may be."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--fonts", type=Path, default=FONTS, help="folder of font packages")
    parser.add_argument("--minutes", type=float, default=50.0, help="of training in all")
    parser.add_argument(
        "--sitting", type=float, help="end after so many minutes; the next call goes on (default: to the end)"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the model is written")
    parser.add_argument("--work", type=Path, default=WORK, help="where it is kept until it is done")
    parser.add_argument(
        "--afresh", action="store_true", help="begin with random weights, not with the present starter's"
    )
    parser.add_argument(
        "--measure", action="store_true", help="train nothing: measure and calibrate the starter in --folder"
    )
    arguments = parser.parse_args()
    families = font_families(arguments.fonts)
    if len(families) < HELD_OUT:
        parser.error(f"{arguments.fonts} holds {len(families)} families; install them with `make starter`.")
    train_files, held_out_files = split_families(families)
    held_out = Mixture(held_out_files, processes=2)
    validation, kinds = held_out.kinds(VALIDATION, arguments.seed + 1)
    calibration, of_calibration = held_out.kinds(CALIBRATION, arguments.seed + 2)
    held_out.close()
    if arguments.measure:
        record = read_record(arguments.folder)
    else:
        made = _train(arguments, train_files, validation)
        if made is None:
            print("Not done yet: call it again, and it goes on.")
            return
        record = made | {
            "fonts": len(train_files),
            "held_out_fonts": len(held_out_files),
            "families": len(families),
        }
        licences = json.dumps(font_licences(arguments.fonts), indent=2)
        (arguments.folder / LICENCES_FILE).write_text(licences + "\n")
    weights = starter_weights(arguments.folder / WEIGHTS_FILE)
    record |= measure(weights, validation, kinds, calibration, of_calibration)
    (arguments.folder / RECORD_FILE).write_text(json.dumps(record, indent=2) + "\n")
    if not arguments.measure:
        shutil.rmtree(arguments.work, ignore_errors=True)
    print(json.dumps(record, indent=2))


def _train(arguments: argparse.Namespace, fonts: Sequence[Any], validation: Samples) -> dict[str, Any] | None:
    """Trains, writes the weights and gives the record so far; None where the sitting ended before."""
    # Here, as it takes Keras.
    from training.recognition.starter.training import HYPERPARAMETERS, PASSES, ROUND, StarterTraining

    arguments.work.mkdir(parents=True, exist_ok=True)
    begun_with = None if arguments.afresh else read_record()
    training = StarterTraining(
        arguments.work,
        minutes=arguments.minutes,
        seed=arguments.seed,
        begin_with_starter=not arguments.afresh,
    )
    mixture = Mixture(fonts, processes=max(1, (os.cpu_count() or 2) // 2))
    try:
        rounds = mixture.batches(ROUND, arguments.seed, first=training.state.rounds)
        if not training.run(rounds, validation, sitting=arguments.sitting, say=_say):
            return None
    finally:
        mixture.close()
    training.average()
    record: dict[str, Any] = {
        "pictures": ROUND * training.state.rounds,
        "passes": PASSES,
        "alphabet": ALPHABET,
        "lengths": LENGTHS,
        "kinds": KINDS,
        "weights_of_font_categories": SOBER,
        "styles": {
            name: {"share": share, "style": style.to_json()} for name, (style, share) in STYLES.items()
        },
        "effects": {effect.__name__: probability for effect, probability in EFFECTS},
        "seed": arguments.seed,
        "hyperparameters": HYPERPARAMETERS,
        "mixed_precision": training.mixed_precision,
        "minutes": round(training.state.seconds / 60, 1),
        "weights": training.model.parameter_count,
        "history": training.state.history,
        "python": platform.python_version(),
        "packages": {
            name: version(name) for name in ("keras", "tensorflow-cpu", "pillow", "opencv-python-headless")
        },
    }
    if begun_with is not None:
        record["begun_with"] = {"fingerprint": fingerprint()} | begun_with
    save_weights(training.model.network, arguments.folder / WEIGHTS_FILE)
    starter_weights.cache_clear()
    return record


def _say(line: str) -> None:
    print(line, flush=True)


def measure(
    weights: Weights,
    validation: Samples,
    kinds: Sequence[str],
    calibration: Samples,
    of_calibration: Sequence[str],
) -> dict[str, Any]:
    """How well it reads pictures in fonts that it never saw when it knows the characters that may occur and the length,
    as in a project, and the temperature that makes its confidences right."""
    known = _Known(weights)
    sure = known.negative_log_likelihoods(calibration, of_calibration)
    temperature = fit_temperature(sure)
    read = known.read(validation, kinds, temperature)
    confidences = [confidence for _, confidence in read]
    texts = [text for text, _ in read]
    right = [text == truth for text, truth in zip(texts, validation.texts, strict=True)]
    return {
        "temperature": round(temperature, 4),
        "calibration_error": round(expected_calibration_error(confidences, right), 4),
        "validation": {
            "n": len(texts),
            "whole_string": round(whole_string_accuracy(validation.texts, texts), 4),
            "per_character": round(character_accuracy(validation.texts, texts), 4),
        },
    }


class _Known:
    """The starter where characters and length are known: one reader for each pair of them."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights

    def _groups(self, samples: Samples, kinds: Sequence[str]) -> dict[tuple[str, int], list[int]]:
        groups: dict[tuple[str, int], list[int]] = {}
        for index, (text, kind) in enumerate(zip(samples.texts, kinds, strict=True)):
            groups.setdefault((kind, len(text)), []).append(index)
        return groups

    def _reader(self, kind: str, length: int, temperature: float) -> Reader:
        from training.recognition.alphabets import Alphabet
        from training.recognition.starter.reader import starter_onnx

        task = ReadingTask(Alphabet(kind), length, length, True, TASK.recipe)
        return Reader(starter_onnx(task, self._weights, temperature).SerializeToString())

    def read(self, samples: Samples, kinds: Sequence[str], temperature: float) -> list[tuple[str, float]]:
        """Text and confidence of each sample."""
        found: dict[int, tuple[str, float]] = {}
        for (kind, length), indices in self._groups(samples, kinds).items():
            readings = self._reader(kind, length, temperature).read(_rgba(samples, indices))
            found |= {
                index: (each.text, each.confidence) for index, each in zip(indices, readings, strict=True)
            }
        return [found[index] for index in range(len(samples))]

    def negative_log_likelihoods(self, samples: Samples, kinds: Sequence[str]) -> Any:
        """The mean negative log-likelihood of the true texts as a function of the temperature."""
        from training.recognition.decoding import LatticeDecoder
        from training.recognition.trained import softmax

        logits = []
        for (kind, length), indices in self._groups(samples, kinds).items():
            reader = self._reader(kind, length, 1.0)
            probabilities = np.concatenate(
                [reader.probabilities([each])[0] for each in _rgba(samples, indices)]
            )
            texts = [samples.texts[index] for index in indices]
            logits.append((reader.task, np.log(np.maximum(probabilities, 1e-12)), texts))

        def mean(temperature: float) -> float:
            losses = [
                -LatticeDecoder().log_likelihoods(softmax(each / np.float32(temperature)), task, texts)
                for task, each, texts in logits
            ]
            return float(np.concatenate(losses).mean())

        return mean


def _rgba(samples: Samples, indices: Sequence[int]) -> list[Any]:
    pictures = samples.pictures[list(indices), 0]
    return list(np.concatenate([pictures, np.full((*pictures.shape[:3], 1), 255, np.uint8)], axis=3))


if __name__ == "__main__":
    main()
