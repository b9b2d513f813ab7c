"""Makes an exported reader smaller and faster: its network's convolutions compute with 8 bit integers."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from labeling.imaging.arrays import Pixels
from training.recognition.onnx_graph import NETWORK
from training.recognition.reader import Inputs, Reader, Reading

FEWEST = 20
"""So many images are needed to see what values occur in the network, and whether it still reads the same."""

ALIKE = 0.99
"""Share of the images that must be read as before."""

CONFIDENCE = 0.01
"""By how much confidences may differ on average."""

QUANTISED = ("Conv", "Relu", "MaxPool")


def quantise(path: Path, images: Sequence[Pixels]) -> bool:
    """Replaces an exported reader's file by its quantised form where that is smaller and reads the images as the file
    does, and says whether it did.

    Weights become 7 bit integers with a scale per filter, what flows between convolutions 8 bit ones whose range is
    that over the images (B. Jacob et al., "Quantization and Training of Neural Networks for Efficient
    Integer-Arithmetic-Only Inference", arXiv 1712.05877). Seven bits, because processors without VNNI add up
    two products in 16 bits, which eight would overflow.
    """
    nodes = _nodes_to_quantise(onnx.load(path))
    if len(images) < FEWEST or not nodes:
        return False
    exact = Reader(path)
    with tempfile.TemporaryDirectory() as folder:
        quantised = Path(folder) / "quantised.onnx"
        _write_quantised(path, quantised, nodes, _Calibration(exact, images))
        smaller = quantised.stat().st_size < path.stat().st_size
        if not smaller or not read_alike(exact.read(images), Reader(quantised).read(images)):
            return False
        path.write_bytes(quantised.read_bytes())
    return True


def _nodes_to_quantise(model: onnx.ModelProto) -> list[str]:
    """Names of nodes of the network, where it has convolutions. What a picture looks like, and what is done to it
    before the network sees it, is computed as exactly as ever."""
    inside = [node for node in model.graph.node if node.name.startswith(NETWORK)]
    has_convolutions = any(node.op_type == "Conv" for node in inside)
    return [node.name for node in inside if node.op_type in QUANTISED] if has_convolutions else []


def _write_quantised(path: Path, quantised: Path, nodes: Sequence[str], calibration: _Calibration) -> None:
    # It recommends, through the root logger, a simplification that reading sessions make by themselves.
    disabled = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        quantize_static(
            path,
            quantised,
            calibration,
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(QUANTISED),
            nodes_to_quantize=list(nodes),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
    finally:
        logging.disable(disabled)


class _Calibration(CalibrationDataReader):  # type: ignore[misc]
    """The images one by one, as ONNX Runtime asks for them."""

    def __init__(self, reader: Reader, images: Sequence[Pixels]) -> None:
        self._inputs: Iterator[Inputs] = (reader.inputs([each]) for each in images)

    def get_next(self) -> Inputs | None:
        return next(self._inputs, None)


def read_alike(before: Sequence[Reading], after: Sequence[Reading]) -> bool:
    """Whether two readers say the same of the same images, nearly as sure."""
    pairs = list(zip(before, after, strict=True))
    alike = np.mean([one.text == other.text for one, other in pairs])
    difference = np.mean([abs(one.confidence - other.confidence) for one, other in pairs])
    return bool(alike >= ALIKE and difference <= CONFIDENCE)
