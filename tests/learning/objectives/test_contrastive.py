import math

import numpy as np
import pytest
import tensorflow as tf

from sslrec.learning.objectives.contrastive import nt_xent


def slow_nt_xent(first: np.ndarray, second: np.ndarray, temperature: float) -> float:
    views = [*first.astype(float), *second.astype(float)]
    count, total = len(views), 0.0

    def cosine(i: int, j: int) -> float:
        return float(views[i] @ views[j] / np.linalg.norm(views[i]) / np.linalg.norm(views[j]))

    for i in range(count):
        positive = (i + count // 2) % count
        others = sum(math.exp(cosine(i, j) / temperature) for j in range(count) if j != i)
        total -= math.log(math.exp(cosine(i, positive) / temperature) / others)
    return total / count


@pytest.mark.parametrize("temperature", [0.1, 0.3, 1.0])
def test_equals_a_slow_loop_over_the_pairs(temperature: float):
    rng = np.random.default_rng(1)
    first, second = rng.normal(size=(2, 5, 7)).astype(np.float32)
    loss = float(nt_xent(tf.constant(first), tf.constant(second), temperature))
    assert loss == pytest.approx(slow_nt_xent(first, second, temperature), rel=1e-4)


def test_two_orthogonal_pairs_by_hand():
    views = tf.constant([[1.0, 0.0], [0.0, 1.0]])
    # Each view: one positive with cosine 1, two negatives with cosine 0.
    assert float(nt_xent(views, views, 1.0)) == pytest.approx(math.log(math.e + 2) - 1, rel=1e-6)


def test_ignores_the_length_of_the_projections_and_the_order_of_the_views():
    rng = np.random.default_rng(2)
    first, second = rng.normal(size=(2, 6, 4)).astype(np.float32)
    loss = float(nt_xent(tf.constant(first), tf.constant(second), 0.5))
    assert float(nt_xent(tf.constant(3 * second), tf.constant(first / 7), 0.5)) == pytest.approx(loss, rel=1e-5)
