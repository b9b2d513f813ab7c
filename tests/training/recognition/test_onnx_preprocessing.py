"""The ONNX form of the preprocessing agrees with its NumPy form, value for value."""

from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto

from labeling.imaging.recipe import Recipe
from labeling.imaging.sampling import sample_box
from labeling.imaging.steps import STEPS
from tests.training.recognition.drawings import draw_text
from training.recognition import onnx_preprocessing
from training.recognition.onnx_graph import GraphWriter

GREY = {"step": "channel", "channel": "grey"}
COLOUR = {"step": "channel", "channel": "colour"}

RECIPES = [
    *([{"step": "channel", "channel": name}] for name in ("grey", "colour", "red", "green", "blue", "alpha")),
    [GREY, {"step": "crop", "left": 3, "top": 1, "right": 5, "bottom": 2}],
    [GREY, {"step": "crop", "left": 500, "top": 500, "right": 500, "bottom": 500}],
    [GREY, {"step": "invert"}],
    [GREY, {"step": "threshold", "value": 0.5}],
    [GREY, {"step": "autocontrast"}],
    [COLOUR, {"step": "autocontrast"}],
    [GREY, {"step": "median", "size": 3}],
    [COLOUR, {"step": "median", "size": 3}],
    *(
        [COLOUR, {"step": name, "size": size}]
        for name in ("erode", "dilate", "open", "close")
        for size in (3, 5)
    ),
    [COLOUR, {"step": "crop", "left": 4}, {"step": "median"}, {"step": "open"}, {"step": "autocontrast"}],
    [GREY, {"step": "median"}, {"step": "invert"}, {"step": "threshold", "value": 0.4}, {"step": "close"}],
]


def pictures_to_test() -> NDArray[np.uint8]:
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (24, 48, 4), dtype=np.uint8)
    half_transparent = draw_text("47", random)
    half_transparent[:, ::3, 3] = random.integers(0, 256, (24, 16), dtype=np.uint8)
    flat = np.full((24, 48, 4), 77, np.uint8)
    return np.stack([noise, half_transparent, draw_text("12", random), flat])


def run(graph: GraphWriter, **feed: NDArray[Any]) -> list[NDArray[np.float32]]:
    model = graph.model("test", {})
    return onnxruntime.InferenceSession(model.SerializeToString()).run(None, feed)


def prepared_by_onnx(pixels: NDArray[np.uint8], recipe: Recipe) -> NDArray[np.float32]:
    graph = GraphWriter()
    raw = graph.input("pixels", TensorProto.UINT8, ["n", "h", "w", 4])
    prepared = onnx_preprocessing.prepare(graph, raw, recipe)
    graph.output("prepared", prepared.pictures, TensorProto.FLOAT, ["n", "c", "h2", "w2"])
    return run(graph, pixels=pixels)[0].transpose(0, 2, 3, 1)


def test_every_step_there_is_is_compared_below() -> None:
    assert {step["step"] for steps in RECIPES for step in steps} == set(STEPS)


@pytest.mark.parametrize(
    "steps", RECIPES, ids=lambda steps: "+".join("-".join(map(str, s.values())) for s in steps)
)
def test_onnx_prepares_as_numpy_does(steps: list[dict[str, Any]]) -> None:
    recipe = Recipe.from_json({"steps": steps, "slicing": {"slicing": "none"}})
    pixels = pictures_to_test()
    expected = np.stack([recipe.prepare(each) for each in pixels])
    np.testing.assert_allclose(prepared_by_onnx(pixels, recipe), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "boxes",
    [
        [[(0, 0, 48, 24)], [(0, 0, 48, 24)]],
        [[(0, 0, 5, 24), (40, 3, 48, 4)], [(7, 2, 47, 22), (1, 1, 2, 2)]],
        [[(0.5, 1.25, 17.75, 20.5)], [(3.1, 0.2, 44.4, 23.9)]],
        [[(0, 0, 70.5, 24), (3, 0, 9, 24)], [(40, 20, 99.25, 31), (47.5, 0, 49, 24)]],
    ],
    ids=["whole", "slices", "fractions", "beyond"],
)
@pytest.mark.parametrize("size", [(16, 32), (48, 96)], ids=["shrunk", "grown"])
def test_onnx_resizes_boxes_as_numpy_does(boxes: list[Any], size: tuple[int, int]) -> None:
    pictures = np.random.default_rng(0).random((2, 24, 48, 3), np.float32)
    graph = GraphWriter()
    nchw = graph.input("pictures", TensorProto.FLOAT, ["n", 3, "h", "w"])
    of = graph.input("boxes", TensorProto.FLOAT, ["n", "s", 4])
    sampled = onnx_preprocessing.sample_boxes(graph, nchw, of, *size)
    graph.output("sampled", sampled, TensorProto.FLOAT, ["n", "s", 3, *size])
    array = np.array(boxes, np.float32)
    (result,) = run(graph, pictures=pictures.transpose(0, 3, 1, 2), boxes=array)
    for picture, row, of_picture in zip(pictures, result, array, strict=True):
        for box, resized in zip(of_picture, row, strict=True):
            expected = sample_box(picture, tuple(box), *size)
            np.testing.assert_allclose(resized.transpose(1, 2, 0), expected, rtol=0, atol=1e-5)
