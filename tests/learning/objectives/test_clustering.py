import math

import numpy as np
import pytest
import tensorflow as tf

from sslrec.learning.objectives.clustering import mutual_information_loss


def slow_mutual_information_loss(first: np.ndarray, second: np.ndarray, balance: float) -> float:
    examples, clusters = first.shape
    joint = np.zeros((clusters, clusters))
    for p, q in zip(first.astype(float), second.astype(float), strict=True):
        for a in range(clusters):
            for b in range(clusters):
                joint[a, b] += (p[a] * q[b] + q[a] * p[b]) / 2 / examples
    rows, columns = joint.sum(axis=1), joint.sum(axis=0)
    total = 0.0
    for a in range(clusters):
        for b in range(clusters):
            total -= joint[a, b] * (
                math.log(joint[a, b]) - balance * math.log(rows[a]) - balance * math.log(columns[b])
            )
    return total


def random_assignments(seed: int, examples: int, clusters: int) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.ones(clusters), size=examples).astype(np.float32)


@pytest.mark.parametrize("balance", [1.0, 1.5])
def test_equals_a_slow_loop_over_examples_and_clusters(balance: float):
    first, second = random_assignments(1, 6, 4), random_assignments(2, 6, 4)
    loss = float(mutual_information_loss(tf.constant(first), tf.constant(second), balance))
    assert loss == pytest.approx(slow_mutual_information_loss(first, second, balance), rel=1e-4)


def test_sure_agreeing_and_even_assignments_reach_the_best_value():
    sure = tf.one_hot([0, 1, 2, 3, 4, 0, 1, 2, 3, 4], 5)
    assert float(mutual_information_loss(sure, sure)) == pytest.approx(-math.log(5), abs=1e-4)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(tf.one_hot([2] * 8, 4), tf.one_hot([2] * 8, 4), id="one cluster takes all"),
        pytest.param(tf.fill((8, 4), 0.25), tf.fill((8, 4), 0.25), id="every assignment undecided"),
    ],
)
def test_collapsed_assignments_carry_no_information(first: tf.Tensor, second: tf.Tensor):
    assert float(mutual_information_loss(first, second)) == pytest.approx(0, abs=1e-4)
