"""What a picture looks like, as an exported model computes it."""

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto

from training.recognition.onnx_graph import GraphWriter
from training.recognition.onnx_look import LOOK, write_look

MEANS, SIZE = slice(0, 3), slice(LOOK - 2, LOOK)


@pytest.fixture(scope="module")
def session() -> onnxruntime.InferenceSession:
    graph = GraphWriter()
    pixels = graph.input("pixels", TensorProto.UINT8, ["images", "height", "width", 4])
    graph.output("look", write_look(graph, pixels), TensorProto.FLOAT, ["images", LOOK])
    return onnxruntime.InferenceSession(graph.model("looks", {}).SerializeToString())


def looks(session: onnxruntime.InferenceSession, *pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = session.run(["look"], {"pixels": np.stack(pictures)})[0]
    return found


def flat(colour: tuple[int, int, int, int], height: int = 50, width: int = 200) -> NDArray[np.uint8]:
    return np.full((height, width, 4), colour, np.uint8)


def noise(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 4), np.uint8)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (4, 500), (80, 700), (301, 7)])
def test_pictures_of_every_size_have_a_look(
    session: onnxruntime.InferenceSession, size: tuple[int, int]
) -> None:
    (look,) = looks(session, noise(*size))
    assert look.shape == (LOOK,)
    assert np.isfinite(look).all()
    np.testing.assert_allclose(look[SIZE], np.log(size), atol=1e-6)


def test_a_flat_picture_is_its_colour_and_has_no_detail(session: onnxruntime.InferenceSession) -> None:
    (look,) = looks(session, flat((255, 0, 0, 255)))
    np.testing.assert_allclose(look[MEANS], [0.299, 0.701, -0.299], atol=1e-5)
    energies = look[29:74]
    np.testing.assert_allclose(energies, np.log(1e-5), atol=1e-3)


def test_what_is_transparent_looks_white(session: onnxruntime.InferenceSession) -> None:
    seen, white = looks(session, flat((10, 20, 30, 0)), flat((255, 255, 255, 255)))
    np.testing.assert_allclose(seen, white, atol=1e-5)


def test_fine_stripes_show_as_the_highest_frequency_across(session: onnxruntime.InferenceSession) -> None:
    striped = flat((0, 0, 0, 255))
    striped[:, ::2, :3] = 255
    (look,) = looks(session, striped)
    luma = look[29:44].reshape(-1)
    # Frequencies by row, then column, without the mean: the first three are those across alone.
    assert int(luma.argmax()) == 2


def test_pictures_look_the_same_alone_and_together(session: onnxruntime.InferenceSession) -> None:
    pictures = [noise(40, 90, seed) for seed in range(5)]
    alone = np.concatenate([looks(session, picture) for picture in pictures])
    np.testing.assert_allclose(looks(session, *pictures), alone, atol=1e-5)
