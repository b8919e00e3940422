"""Two-view augmentation of product pictures, as one TensorFlow graph.

All randomness is stateless: the same `seed` gives the same views. Colour is what people ask for, so hues stay as
they are; what varies is framing, light, and which side a product is seen from.
"""

from __future__ import annotations

from dataclasses import dataclass

import tensorflow as tf

WHITE = 1.0
"""What lies outside a picture: product pictures stand on white."""


@dataclass(frozen=True)
class PictureAugmentation:
    """Ranges of the random changes; 0 switches one off.

    Attributes:
        smallest: least share of the picture's height and width that a usual view shows.
        largest: greatest share; above 1 a view stands back, with white around the picture.
        closeup: probability of a view that shows far less instead.
        closeup_share: least and greatest share of height and width that a close-up shows.
        stretch: largest change of the proportions, as a fraction.
        light: largest change of brightness, as a fraction of white.
        contrast: largest change of contrast, as a fraction.
    """

    smallest: float = 0.75
    largest: float = 1.15
    closeup: float = 0.15
    closeup_share: tuple[float, float] = (0.4, 0.7)
    stretch: float = 0.1
    light: float = 0.06
    contrast: float = 0.12


CLOSEUP = PictureAugmentation(closeup=1.0)
"""Heavily cropped views: what a visitor's snapshot of a detail looks like."""


def augment_pictures(
    pictures: tf.Tensor, seed: tf.Tensor, ranges: PictureAugmentation, size: tf.Tensor | None = None
) -> tf.Tensor:
    """Return one random view of each picture.

    Args:
        pictures: `(batch, height, width, 3)` float32 in [0, 1].
        seed: `(2,)` int32; equal seeds give equal views.
        ranges: how far each change may go.
        size: `(2,)` int32, height and width of the views; by default the pictures' own.

    Returns:
        `(batch, *size, 3)` float32 in [0, 1].
    """
    batch = tf.shape(pictures)[0]

    def draw(salt: int, low: float, high: float) -> tf.Tensor:
        return tf.random.stateless_uniform((batch,), tf.random.fold_in(seed, salt), low, high)

    share = tf.where(
        draw(0, 0, 1) < ranges.closeup, draw(1, *ranges.closeup_share), draw(2, ranges.smallest, ranges.largest)
    )
    stretch = tf.exp(draw(3, -ranges.stretch, ranges.stretch))
    tall, wide = share * stretch, share / stretch
    # Within the picture, or the whole picture somewhere within the view.
    top, left = (1 - tall) * draw(4, 0, 1), (1 - wide) * draw(5, 0, 1)
    right, mirrored = left + wide, draw(6, 0, 1) < 0.5
    boxes = tf.stack([top, tf.where(mirrored, right, left), top + tall, tf.where(mirrored, left, right)], axis=1)
    size = tf.shape(pictures)[1:3] if size is None else size
    views = tf.image.crop_and_resize(pictures, boxes, tf.range(batch), size, extrapolation_value=WHITE)
    contrast = 1 + draw(7, -ranges.contrast, ranges.contrast)
    # Around white, so that the ground stays white and a dark product does not fade.
    views = WHITE + (views - WHITE) * contrast[:, None, None, None]
    views += draw(8, -ranges.light, ranges.light)[:, None, None, None]
    return tf.clip_by_value(views, 0.0, 1.0)
