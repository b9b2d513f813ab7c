"""The refiner and the discriminator as Keras networks of standard layers. Pictures are float32 in -1..1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from training.recognition.backend import load_keras
from training.recognition.refinement.presets import Feature, Preset

if TYPE_CHECKING:
    import keras

Shape = tuple[int, int, int]
"""Height, width and channels of a picture."""


DETAILS = 8
"""Feature maps that see the picture's own pixels where the others see less."""


def build_refiner(shape: Shape, preset: Preset) -> keras.Model:
    """Pictures (n, *shape) to pictures of the same shape: a fully convolutional residual network.

    Where the preset begins unchanged, values may lie a little outside of -1..1; whoever looks at them clips.
    """
    keras = load_keras()
    layers = keras.layers
    channels = shape[2]
    picture = keras.Input(shape)
    size = 3 if preset.stride == 1 else 2 * preset.stride
    features = layers.Conv2D(
        preset.channels, size, strides=preset.stride, padding="same", activation="relu", name="in"
    )(picture)
    for block in range(preset.blocks):
        inner = _convolution(preset.channels, f"block_{block}_a", activation="relu")(features)
        inner = _convolution(preset.channels, f"block_{block}_b")(inner)
        features = layers.ReLU()(layers.Add()([features, inner]))
    last_size = 1
    if preset.stride > 1:
        features = _enlarged(features, picture, preset.stride)
        last_size = 3
    start = "zeros" if preset.begins_unchanged else "glorot_uniform"
    drawn = layers.Conv2D(channels, last_size, padding="same", kernel_initializer=start, name="out")(features)
    refined = layers.Add()([picture, drawn]) if preset.begins_unchanged else layers.Activation("tanh")(drawn)
    return keras.Model(picture, refined, name="refiner")


def build_discriminator(shape: Shape, preset: Preset) -> keras.Model:
    """Pictures (n, *shape) to logits (n, height / 4, width / 4, 1), rounded up: how real each patch of 23 x 23 pixels
    looks. The paper's softmax over two classes is the same with one logit, their difference."""
    keras = load_keras()
    layers = keras.layers
    first, second, third = preset.discriminator_channels
    picture = keras.Input(shape)
    features = picture
    for name, filters, size, stride in (
        ("coarse_1", first, 3, 2),
        ("coarse_2", second, 3, 2),
        ("patch", third, 3, 1),
        ("judge", third, 1, 1),
    ):
        features = layers.Conv2D(filters, size, strides=stride, padding="same", activation="relu", name=name)(
            features
        )
        if name == "coarse_2":
            features = layers.MaxPooling2D(3, strides=1, padding="same")(features)
    return keras.Model(picture, layers.Conv2D(1, 1, name="logit")(features), name="discriminator")


def build_examination(refiner: keras.Model, judge: keras.Model, feature: Feature) -> keras.Model:
    """Synthetic pictures to what the refiner is trained by: "judged", the logits that the judge gives its pictures,
    "change", see `build_change`, and "excess", by how much its values lie outside of -1..1. The judge sees them clipped
    and so cannot tell the way back. It must not be trainable."""
    keras = load_keras()
    refined = refiner(refiner.inputs[0])
    clipped = keras.ops.clip(refined, -1.0, 1.0)
    outputs = {
        "judged": judge(clipped),
        "change": _change(refiner.inputs[0], refined, feature),
        "excess": refined - clipped,
    }
    return keras.Model(refiner.inputs[0], outputs, name="examination")


def build_change(refiner: keras.Model, feature: Feature) -> keras.Model:
    """Synthetic pictures to by how much the refiner changes their feature. All features are linear, so that of the
    difference is the difference of both."""
    picture = refiner.inputs[0]
    return load_keras().Model(picture, _change(picture, refiner(picture), feature), name="change")


def _enlarged(features: Any, picture: Any, stride: int) -> Any:
    """Features at the picture's resolution, beside the details that a smaller one has lost. Enlarged and then
    convolved, not by a transposed convolution, which leaves a checkerboard (A. Odena et al., "Deconvolution and
    checkerboard artifacts", Distill 2016)."""
    layers = load_keras().layers
    height, width = picture.shape[1:3]
    large = layers.UpSampling2D(stride, interpolation="nearest")(features)
    surplus = (-height % stride, -width % stride)
    if any(surplus):
        large = layers.Cropping2D(((0, surplus[0]), (0, surplus[1])))(large)
    details = _convolution(DETAILS, "details", activation="relu")(picture)
    return layers.Concatenate()([large, details])


def _change(picture: Any, refined: Any, feature: Feature) -> Any:
    ops = load_keras().ops
    change = refined - picture
    if feature == "grey":
        return ops.mean(change, axis=-1, keepdims=True)
    if feature == "edges":
        corner = change[:, :-1, :-1]
        return ops.concatenate([change[:, :-1, 1:] - corner, change[:, 1:, :-1] - corner], axis=-1)
    return change


def _convolution(filters: int, name: str, **options: Any) -> Any:
    return load_keras().layers.Conv2D(filters, 3, padding="same", name=name, **options)
