import math

import numpy as np
import pytest
import tensorflow as tf

from sslrec.learning.objectives.reconstruction import binary_cross_entropy


def slow_binary_cross_entropy(images: np.ndarray, logits: np.ndarray) -> float:
    total = 0.0
    for pixel, logit in zip(images.ravel().tolist(), logits.ravel().tolist(), strict=True):
        probability = 1 / (1 + math.exp(-logit))
        total -= pixel * math.log(probability) + (1 - pixel) * math.log(1 - probability)
    return total / images.size


def test_equals_the_mean_over_pixels_of_the_textbook_formula():
    rng = np.random.default_rng(0)
    images = rng.uniform(size=(3, 4, 4, 1)).astype(np.float32)
    logits = rng.normal(scale=3, size=(3, 4, 4, 1)).astype(np.float32)
    loss = float(binary_cross_entropy(tf.constant(images), tf.constant(logits)))
    assert loss == pytest.approx(slow_binary_cross_entropy(images, logits), rel=1e-5)


def test_a_perfect_copy_of_grey_costs_its_entropy():
    image = tf.fill((1, 2, 2, 1), 0.25)
    loss = float(binary_cross_entropy(image, tf.fill((1, 2, 2, 1), math.log(0.25 / 0.75))))
    assert loss == pytest.approx(-0.25 * math.log(0.25) - 0.75 * math.log(0.75), rel=1e-6)


def test_stays_finite_for_logits_whose_sigmoid_is_zero_or_one():
    loss = float(binary_cross_entropy(tf.ones((1, 1, 1, 1)), tf.fill((1, 1, 1, 1), -200.0)))
    assert loss == pytest.approx(200.0)
