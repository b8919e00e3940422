"""The image encoder: a small residual convolutional network for product pictures."""

from __future__ import annotations

import keras
from keras import layers

HEIGHT, WIDTH = 80, 60
"""Size of the pictures that it takes, in pixels; `sslrec.data.catalogue.letterbox` brings any picture to it."""
STAGES = (64, 128, 256)
"""Channels of the stages, each of half the height and width of the one before."""


def _conv(x, filters: int, name: str, strides: int = 1):
    x = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False, name=f"{name}_conv")(x)
    return layers.BatchNormalization(name=f"{name}_norm")(x)


def build_image_encoder(dim: int, stages: tuple[int, ...] = STAGES) -> keras.Model:
    """The encoder: `(batch, height, width, 3)` float32 in [0, 1] to `(batch, dim)` float32 vectors.

    It is made for pictures of 80 by 60 and learns its first steps from smaller ones, which cost less. With the default
    stages about 1.2 million weights and 50 million multiply-adds. Every stage is seen by the last layer, by its mean
    and its largest values: colour and texture are settled early, shape late. (Pre-activation would cost a
    normalisation more: He et al. 2015, arXiv:1512.03385, with one convolution in a block.)

    Args:
        dim: length of a vector.
        stages: channels of each stage.
    """
    image = keras.Input((None, None, 3), name="image")
    x = layers.Rescaling(2.0, offset=-1.0, name="centre")(image)
    x = layers.ReLU(name="stem_relu")(_conv(x, stages[0] // 2, "stem", strides=2))
    seen = []
    for index, filters in enumerate(stages, 1):
        x = layers.ReLU(name=f"down{index}_relu")(_conv(x, filters, f"down{index}", strides=2))
        x = layers.ReLU(name=f"block{index}_relu")(
            layers.Add(name=f"block{index}")([x, _conv(x, filters, f"res{index}")])
        )
        seen += [
            layers.GlobalAveragePooling2D(name=f"mean{index}")(x),
            layers.GlobalMaxPooling2D(name=f"max{index}")(x),
        ]
    x = layers.Concatenate(name="seen")(seen)
    x = layers.Dense(stages[-1], use_bias=False, name="widen")(x)
    x = layers.ReLU(name="widen_relu")(layers.BatchNormalization(name="widen_norm")(x))
    return keras.Model(image, layers.Dense(dim, dtype="float32", name="vector")(x), name="image_encoder")
