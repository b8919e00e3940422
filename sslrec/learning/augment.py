"""Two-view augmentation of 28x28 digits, as one TensorFlow graph.

All randomness is stateless: the same `seed` gives the same views, so a run can be repeated and resumed.
The ranges follow what handwriting varies in: placement, slant, proportion, pen width, wobble
(elastic: Simard et al. 2003, "Best Practices for Convolutional Neural Networks") and missing parts
(random erasing: Zhong et al. 2017, arXiv:1708.04896).
"""

from __future__ import annotations

from dataclasses import dataclass

import tensorflow as tf


@dataclass(frozen=True)
class DigitAugmentation:
    """Ranges of the random changes; 0 switches one off.

    Attributes:
        rotation: largest turn, in radians.
        scale: largest change of each axis's scale, as a fraction.
        shear: largest horizontal shear, as a fraction.
        shift: largest move, in pixels.
        elastic: standard deviation of the displacement at the control points, in pixels.
        stroke: largest change of pen width, as the share of a full one-pixel dilation or erosion.
        erase: probability that one rectangle (up to 10x10 pixels) is blanked.
    """

    rotation: float = 0.35
    scale: float = 0.25
    shear: float = 0.35
    shift: float = 2.5
    elastic: float = 0.9
    stroke: float = 0.8
    erase: float = 0.3


GENTLE = DigitAugmentation(rotation=0.2, scale=0.15, shear=0.2, shift=2.0, elastic=0.6, stroke=0.5, erase=0.15)
"""For supervised training: wide enough to help, narrow enough to keep a 6 from becoming a 0."""


def _uniform(seed: tf.Tensor, salt: int, shape: tuple, limit: float) -> tf.Tensor:
    return tf.random.stateless_uniform(shape, tf.random.fold_in(seed, salt), -limit, limit)


def _sampling_grid(
    batch: tf.Tensor, size: int, seed: tf.Tensor, ranges: DigitAugmentation
) -> tuple[tf.Tensor, tf.Tensor]:
    """Source coordinates `(batch, size, size)` of every target pixel."""
    turn = _uniform(seed, 0, (batch, 1, 1), ranges.rotation)
    shear = _uniform(seed, 1, (batch, 1, 1), ranges.shear)
    scale_x = tf.exp(_uniform(seed, 2, (batch, 1, 1), ranges.scale))
    scale_y = tf.exp(_uniform(seed, 3, (batch, 1, 1), ranges.scale))
    axis = tf.range(size, dtype=tf.float32) - (size - 1) / 2
    x, y = axis[None, None, :], axis[None, :, None]
    cos, sin = tf.cos(turn), tf.sin(turn)
    x_sheared = x + shear * y
    source_x = (cos * x_sheared - sin * y) * scale_x + _uniform(seed, 4, (batch, 1, 1), ranges.shift)
    source_y = (sin * x_sheared + cos * y) * scale_y + _uniform(seed, 5, (batch, 1, 1), ranges.shift)
    if ranges.elastic > 0:
        control = tf.random.stateless_normal((batch, 5, 5, 2), tf.random.fold_in(seed, 6), 0.0, ranges.elastic)
        wobble = tf.image.resize(control, (size, size), method="bicubic")
        source_x, source_y = source_x + wobble[..., 0], source_y + wobble[..., 1]
    centre = (size - 1) / 2
    return source_x + centre, source_y + centre


def bilinear_sample(images: tf.Tensor, x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Sample images at fractional coordinates; everything outside the picture is 0.

    Args:
        images: `(batch, size, size)` float32.
        x: `(batch, size, size)` column of the source pixel for each target pixel.
        y: `(batch, size, size)` row of the source pixel.

    Returns:
        `(batch, size, size)` float32.
    """
    size = images.shape[1]
    padded = tf.pad(images, [[0, 0], [1, 1], [1, 1]])
    side = size + 2
    x = tf.clip_by_value(x + 1, 0.0, side - 1.001)
    y = tf.clip_by_value(y + 1, 0.0, side - 1.001)
    left, top = tf.floor(x), tf.floor(y)
    dx, dy = x - left, y - top
    rows = tf.range(tf.shape(images)[0])[:, None, None] * (side * side)
    corner = rows + tf.cast(top, tf.int32) * side + tf.cast(left, tf.int32)
    flat = tf.reshape(padded, [-1])

    def at(offset: int) -> tf.Tensor:
        return tf.gather(flat, corner + offset)

    upper = at(0) * (1 - dx) + at(1) * dx
    lower = at(side) * (1 - dx) + at(side + 1) * dx
    return upper * (1 - dy) + lower * dy


def _pen_width(images: tf.Tensor, seed: tf.Tensor, limit: float) -> tf.Tensor:
    amount = _uniform(seed, 7, (tf.shape(images)[0], 1, 1, 1), limit)
    thick = tf.nn.max_pool2d(images, 3, 1, "SAME")
    thin = -tf.nn.max_pool2d(-images, 3, 1, "SAME")
    return images + tf.maximum(amount, 0) * (thick - images) + tf.maximum(-amount, 0) * (thin - images)


def _erase(images: tf.Tensor, seed: tf.Tensor, probability: float) -> tf.Tensor:
    batch, size = tf.shape(images)[0], images.shape[1]
    corner = tf.random.stateless_uniform((batch, 2), tf.random.fold_in(seed, 8), 2, size - 6)
    extent = tf.random.stateless_uniform((batch, 2), tf.random.fold_in(seed, 9), 4, 10)
    happens = tf.random.stateless_uniform((batch,), tf.random.fold_in(seed, 10)) < probability
    axis = tf.range(size, dtype=tf.float32)[None, :]
    inside_y = (axis >= corner[:, :1]) & (axis < corner[:, :1] + extent[:, :1])
    inside_x = (axis >= corner[:, 1:]) & (axis < corner[:, 1:] + extent[:, 1:])
    hole = inside_y[:, :, None] & inside_x[:, None, :] & happens[:, None, None]
    return tf.where(hole[..., None], 0.0, images)


def augment_digits(images: tf.Tensor, seed: tf.Tensor, ranges: DigitAugmentation) -> tf.Tensor:
    """Return one random view of each digit.

    Args:
        images: `(batch, 28, 28, 1)` float32 in [0, 1], ink bright on a dark ground.
        seed: `(2,)` int32; equal seeds give equal views.
        ranges: how far each change may go.

    Returns:
        `(batch, 28, 28, 1)` float32 in [0, 1].
    """
    batch, size = tf.shape(images)[0], images.shape[1]
    x, y = _sampling_grid(batch, size, seed, ranges)
    views = bilinear_sample(images[..., 0], x, y)[..., None]
    if ranges.stroke > 0:
        views = _pen_width(views, seed, ranges.stroke)
    if ranges.erase > 0:
        views = _erase(views, seed, ranges.erase)
    return tf.clip_by_value(views, 0.0, 1.0)


def damage_digits(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Return the digits with up to three blanked patches and noise, for the denoising objective.

    Masked patches follow masked autoencoding (He et al. 2021, arXiv:2111.06377), noise the denoising
    autoencoder (Vincent et al. 2008). One image in ten stays whole.

    Args:
        images: `(batch, 28, 28, 1)` float32 in [0, 1].
        seed: `(2,)` int32.

    Returns:
        `(batch, 28, 28, 1)` float32 in [0, 1].
    """
    batch = tf.shape(images)[0]
    damaged = images
    for patch in range(3):
        damaged = _erase(damaged, tf.random.fold_in(seed, 20 + patch), 0.6)
    level = tf.random.stateless_uniform((batch, 1, 1, 1), tf.random.fold_in(seed, 30), 0.0, 0.4)
    noise = tf.random.stateless_normal(tf.shape(images), tf.random.fold_in(seed, 31)) * level
    noisy = tf.random.stateless_uniform((batch, 1, 1, 1), tf.random.fold_in(seed, 32)) < 0.5
    damaged = tf.clip_by_value(tf.where(noisy, damaged + noise, damaged), 0.0, 1.0)
    whole = tf.random.stateless_uniform((batch, 1, 1, 1), tf.random.fold_in(seed, 33)) < 0.1
    return tf.where(whole, images, damaged)
