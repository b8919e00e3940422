import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from sslrec.learning.encoders.image import GRID, PartMeans, build_image_encoder


def slow_means(maps: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Pixel by pixel: each counts for a part by the area that it shares with it."""
    count, height, width, channels = maps.shape
    means = np.zeros((count, channels, rows, columns))
    for row in range(rows):
        for column in range(columns):
            top, bottom = row * height / rows, (row + 1) * height / rows
            left, right = column * width / columns, (column + 1) * width / columns
            for y in range(math.floor(top), math.ceil(bottom)):
                for x in range(math.floor(left), math.ceil(right)):
                    area = (min(y + 1, bottom) - max(y, top)) * (min(x + 1, right) - max(x, left))
                    means[:, :, row, column] += maps[:, y, x] * area
    return (means / (height / rows * width / columns)).reshape(count, -1)


@pytest.mark.parametrize(("height", "width"), [(6, 4), (5, 4), (7, 3), (2, 1), (10, 7)])
def test_the_mean_of_every_part_is_that_of_its_pixels(height: int, width: int):
    maps = np.random.default_rng(0).normal(size=(2, height, width, 3)).astype(np.float32)
    wanted = slow_means(maps, 3, 2)
    np.testing.assert_allclose(PartMeans((3, 2))(maps), wanted, atol=1e-5)
    sizeless = tf.function(PartMeans((3, 2)), input_signature=[tf.TensorSpec((None, None, None, 3))])
    np.testing.assert_allclose(sizeless(maps), wanted, atol=1e-5)


def test_every_stage_is_seen_by_the_last_layer_and_the_later_ones_part_by_part():
    encoder = build_image_encoder(5, stages=(4, 6))
    assert encoder.get_layer("widen").kernel.shape == (2 * (4 + 6) + 6 * math.prod(GRID), 6)
    assert encoder.output_shape == (None, 5)


def test_what_stands_elsewhere_is_another_picture():
    """Means and largest values of the whole do not tell places apart: without the parts the two differ by rounding."""
    keras.utils.set_random_seed(0)
    encoder = build_image_encoder(5)
    pictures = np.zeros((2, 80, 60, 3), np.float32)
    pictures[0, 16:32, 8:24] = pictures[1, 48:64, 32:48] = 1
    first, second = np.asarray(encoder(pictures))
    assert np.abs(first - second).max() > 0.01 * np.abs(first).max()
