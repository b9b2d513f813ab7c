"""The ONNX form of the preprocessing agrees with its NumPy form, value for value."""

from typing import Any

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray
from onnx import TensorProto

from labeling.imaging.fixed_noise import estimate_fixed
from labeling.imaging.recipe import Recipe
from labeling.imaging.sampling import sample_box
from labeling.imaging.steps import STEPS
from tests.labeling.imaging.pictures import pixels_of_any_size, with_fixed_lines
from tests.labeling.imaging.test_steps import channel_steps, later_steps
from tests.training.recognition.drawings import draw_text
from training.recognition import onnx_preprocessing
from training.recognition.onnx_graph import GraphWriter

GREY = {"step": "channel", "channel": "grey"}
COLOUR = {"step": "channel", "channel": "colour"}

LINES, MEAN = (estimate_fixed(with_fixed_lines(20), method).to_json() for method in ("and", "mean"))

RECIPES = [
    *([{"step": "channel", "channel": name}] for name in ("grey", "colour", "red", "green", "blue", "alpha")),
    [GREY, {"step": "crop", "left": 3, "top": 1, "right": 5, "bottom": 2}],
    [GREY, {"step": "crop", "left": 500, "top": 500, "right": 500, "bottom": 500}],
    [GREY, {"step": "invert"}],
    [GREY, {"step": "threshold", "value": 0.5}],
    [GREY, {"step": "otsu"}],
    [COLOUR, {"step": "otsu"}],
    [GREY, {"step": "resize", "width": 20, "height": 31, "mode": "stretch"}],
    [COLOUR, {"step": "resize", "width": 100, "height": 33, "mode": "pad"}],
    [GREY, {"step": "resize", "width": 30, "height": 60, "mode": "pad"}],
    [GREY, {"step": "remove_fixed"}],
    [GREY, LINES],
    [COLOUR, LINES],
    [GREY, MEAN],
    [COLOUR, MEAN],
    [GREY, {"step": "resize", "width": 100, "height": 40}, LINES, {"step": "otsu"}],
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
    "steps", RECIPES, ids=lambda steps: "+".join("-".join(str(v)[:12] for v in s.values()) for s in steps)
)
def test_onnx_prepares_as_numpy_does(steps: list[dict[str, Any]]) -> None:
    recipe = Recipe.from_json({"steps": steps, "slicing": {"slicing": "none"}})
    pixels = pictures_to_test()
    expected = np.stack([recipe.prepare(each) for each in pixels])
    np.testing.assert_allclose(prepared_by_onnx(pixels, recipe), expected, rtol=0, atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(pixels_of_any_size, channel_steps, later_steps)
def test_onnx_prepares_pictures_of_any_size_as_numpy_does(
    pixels: NDArray[np.uint8], channel: dict[str, Any], step: dict[str, Any]
) -> None:
    recipe = Recipe.from_json({"steps": [channel, step], "slicing": {"slicing": "none"}})
    expected = recipe.prepare(pixels)[None]
    np.testing.assert_allclose(prepared_by_onnx(pixels[None], recipe), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([{"step": "crop", "left": 8}], [8 / 48, 28 / 48, 1]),
        ([{"step": "resize", "width": 12, "height": 9, "mode": "stretch"}], [0, 0.5, 1]),
        # 48x24 in 96x48 is half of 192 columns.
        ([{"step": "resize", "width": 192, "height": 48, "mode": "pad"}], [0, 1, 1]),
        ([{"step": "resize", "width": 96, "height": 48}, {"step": "crop", "left": 24}], [0.25, 0.625, 1]),
    ],
)
def test_spans_lead_back_to_the_raw_image(steps: list[dict[str, Any]], expected: list[float]) -> None:
    recipe = Recipe.from_json({"steps": [GREY, *steps], "slicing": {"slicing": "none"}})
    graph = GraphWriter()
    raw = graph.input("pixels", TensorProto.UINT8, ["n", "h", "w", 4])
    prepared = onnx_preprocessing.prepare(graph, raw, recipe)
    shares = graph.float32(np.array([0, 0.5, 1]).reshape(1, 3, 1))
    box = onnx_preprocessing.whole_picture(graph, prepared.pictures)
    spans = onnx_preprocessing.spans_of_shares(graph, prepared, raw, box, shares)
    graph.output("spans", spans, TensorProto.FLOAT, ["n", 3, 1])
    (result,) = run(graph, pixels=pictures_to_test()[:1])
    assert result.ravel().tolist() == pytest.approx(expected)


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
