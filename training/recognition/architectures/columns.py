"""The convolutional network that `slots` and `ctc` share: a picture becomes a row of columns, each of which knows what
stands there and beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from training.recognition.architectures.hyperparameters import number

if TYPE_CHECKING:
    import keras

STRIDE = 8
"""Width in pixels of one column."""

FEATURES = 128
"""Numbers that describe a column."""

FAINTEST = 0.02
"""Added to the deviation of a picture, so that the noise of a blank one does not become a text."""

DILATIONS = (1, 2, 4, 8)
"""How far to each side the layers look that tell a column what stands beside it."""

STARTER_FIELD: int = number(
    1,
    0,
    1,
    "Starter model",
    "On (1): begins with what the general reader of drawn letters and digits knows. Off (0): with nothing.",
)
"""The hyper-parameter of all architectures that can begin with the starter model."""


def columns_of(picture: keras.KerasTensor) -> Any:
    """Symbolic pictures (n, height, width, channels) in 0..1 to features (n, width / STRIDE, FEATURES).

    Nothing recurrent: dilated convolutions (F. Yu, V. Koltun, arXiv 1511.07122) let columns see their neighbours,
    which trains and exports faster. Pooling early costs little accuracy and saves most of the work. All layers with
    weights have names, by which they are found in the starter model.
    """
    from keras import layers

    from training.recognition.architectures.standardise import Standardise

    def normalised(features: Any, name: str) -> Any:
        return layers.ReLU()(layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(features))

    def convolution(features: Any, name: str, filters: int, size: Any = 3, **options: Any) -> Any:
        options = {"padding": "same", "use_bias": False} | options
        return normalised(layers.Conv2D(filters, size, name=name, **options)(features), name)

    features = Standardise()(picture)
    features = convolution(features, "edges", 16, 5, strides=2)
    features = layers.MaxPooling2D(2)(features)
    features = convolution(features, "strokes_1", 32)
    features = convolution(features, "strokes_2", 48)
    features = layers.MaxPooling2D(2)(features)
    features = convolution(features, "shapes_1", 80)
    features = convolution(features, "shapes_2", 112)
    _, rows, steps, _ = features.shape
    columns = convolution(features, "columns", FEATURES, (rows, 1), padding="valid")
    columns = layers.Reshape((steps, FEATURES))(columns)
    for dilation in DILATIONS:
        name = f"neighbours_{dilation}"
        seen = layers.Conv1D(FEATURES, 3, padding="same", dilation_rate=dilation, use_bias=False, name=name)(
            columns
        )
        columns = layers.Add()([columns, normalised(seen, name)])
    return columns
