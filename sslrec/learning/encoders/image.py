"""The image encoder: a small residual convolutional network for product pictures."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import layers

HEIGHT, WIDTH = 80, 60
"""Size of the pictures that it takes, in pixels; `sslrec.data.catalogue.letterbox` brings any picture to it."""
STAGES = (64, 128, 256)
"""Channels of the stages, each of half the height and width of the one before."""
GRID = (3, 2)
"""Rows and columns of the parts of a picture that the later stages are seen by: a print is on the chest, a collar above
it, a sole below."""


class PartMeans(layers.Layer):
    """The mean of each part of a picture that a grid divides it into; a pixel between two parts counts for both.

    Keras's adaptive pooling wants to know height and width before any picture is there.

    Args:
        grid: rows and columns.

    Call arguments:
        maps: `(batch, height, width, channels)`.

    Returns:
        `(batch, channels * rows * columns)`, channel by channel.
    """

    def __init__(self, grid: tuple[int, int], **kwargs) -> None:
        super().__init__(**kwargs)
        self.grid = grid

    def call(self, maps):
        (rows, columns), (height, width), channels = self.grid, maps.shape[1:3], maps.shape[3]
        # Known sizes stay numbers, so that LiteRT gets constants.
        height, width = height or tf.shape(maps)[1], width or tf.shape(maps)[2]
        down, across = _shares(height, rows), _shares(width, columns)
        shares = tf.reshape(down[:, None, :, None] * across[None, :, None, :], (rows * columns, height * width))
        places = tf.transpose(tf.reshape(maps, (-1, height * width, channels)), (0, 2, 1))
        means = tf.matmul(places, tf.cast(tf.transpose(shares), maps.dtype))
        return tf.reshape(means, (-1, channels * rows * columns))

    def compute_output_shape(self, shape):
        return (shape[0], shape[-1] * self.grid[0] * self.grid[1])


def _shares(pixels: tf.Tensor, parts: int) -> tf.Tensor:
    """How much each pixel of a line counts for each of some equal parts: `(parts, pixels)` float32, rows sum to 1."""
    edge = tf.range(tf.cast(pixels, tf.float32))[None, :]
    size = tf.cast(pixels, tf.float32) / parts
    start = tf.range(float(parts))[:, None] * size
    return tf.maximum(tf.minimum(edge + 1, start + size) - tf.maximum(edge, start), 0.0) / size


def _conv(x, filters: int, name: str, strides: int = 1):
    x = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False, name=f"{name}_conv")(x)
    return layers.BatchNormalization(name=f"{name}_norm")(x)


def build_image_encoder(dim: int, stages: tuple[int, ...] = STAGES) -> keras.Model:
    """The encoder: `(batch, height, width, 3)` float32 in [0, 1] to `(batch, dim)` float32 vectors.

    It is made for pictures of 80 by 60 and learns its first steps from smaller ones, which cost less. With the default
    stages about 1.8 million weights and 50 million multiply-adds. Every stage is seen by the last layer, by its mean
    and its largest values: colour and texture are settled early, shape late. All but the first are seen part by part
    too, as in spatial pyramid pooling (He et al. 2014, arXiv:1406.4729), for products stand alike in their pictures.
    (Pre-activation would cost a normalisation more: He et al. 2015, arXiv:1512.03385, with one convolution in a
    block.)

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
        if index > 1:
            seen.append(PartMeans(GRID, name=f"parts{index}")(x))
    x = layers.Concatenate(name="seen")(seen)
    x = layers.Dense(stages[-1], use_bias=False, name="widen")(x)
    x = layers.ReLU(name="widen_relu")(layers.BatchNormalization(name="widen_norm")(x))
    return keras.Model(image, layers.Dense(dim, dtype="float32", name="vector")(x), name="image_encoder")
