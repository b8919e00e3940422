"""The digit encoder: a small convolutional network with learned spatial pooling."""

from __future__ import annotations

import keras
from keras import layers

FEATURES = 256
"""Length of the encoder's output."""


def _conv(x, filters: int, kernel: int, name: str, strides: int = 1):
    x = layers.Conv2D(filters, kernel, strides=strides, padding="same", use_bias=False, name=f"{name}_conv")(x)
    x = layers.BatchNormalization(name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def build_digit_encoder() -> keras.Model:
    """The encoder: `(batch, 28, 28, 1)` float32 in [0, 1] to `(batch, 256)` float32 features.

    About 180,000 weights and 10 million multiply-adds. Instead of averaging the last 7x7 maps away,
    each of their 128 channels learns two places to look at. (An einsum, since TensorFlow's depthwise
    convolution is three times as slow to train on a CPU.)
    """
    image = keras.Input((28, 28, 1), name="image")
    x = _conv(image, 32, 5, "stem", strides=2)
    x = _conv(x, 48, 3, "wide")
    x = layers.MaxPooling2D(name="pool")(x)
    x = _conv(x, 96, 3, "deep1")
    x = _conv(x, 128, 3, "deep2")
    x = layers.EinsumDense("bhwc,hwcm->bcm", output_shape=(128, 2), name="look")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.BatchNormalization(name="features", dtype="float32")(x)
    return keras.Model(image, x, name="digit_encoder")


def build_classifier(encoder: keras.Model, classes: int = 10) -> keras.Model:
    """Put a linear head on an encoder: images to `(batch, classes)` float32 logits."""
    logits = layers.Dense(classes, name="logits", dtype="float32")(encoder.output)
    return keras.Model(encoder.input, logits, name="classifier")
