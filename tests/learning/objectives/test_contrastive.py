import math

import numpy as np
import pytest
import tensorflow as tf

from sslrec.learning.objectives.contrastive import (
    cross_modal_sigmoid,
    cross_modal_softmax,
    multi_positive,
    nt_xent,
    same_groups,
)


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


def unit(count: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, 4)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


GROUPS = [3, 1, 3, 2, 1]


def slow_softmax(first: np.ndarray, second: np.ndarray, scale: float) -> float:
    total = 0.0
    for one, other in ((first, second), (second, first)):
        for i, wanted in enumerate(GROUPS):
            terms = [
                math.exp(scale * float(one[i] @ other[j]))
                for j, group in enumerate(GROUPS)
                if j == i or group != wanted
            ]
            total -= math.log(math.exp(scale * float(one[i] @ other[i])) / sum(terms))
    return total / (2 * len(GROUPS))


def slow_sigmoid(first: np.ndarray, second: np.ndarray, scale: float, bias: float) -> float:
    total = 0.0
    for i, wanted in enumerate(GROUPS):
        for j, group in enumerate(GROUPS):
            if i != j and group == wanted:
                continue
            match = 1 / (1 + math.exp(-(scale * float(first[i] @ second[j]) + bias)))
            total -= math.log(match if i == j else 1 - match)
    return total / len(GROUPS)


def test_equal_names_do_not_repel_each_other():
    assert np.argwhere(same_groups(tf.constant(GROUPS)).numpy()).tolist() == [[0, 2], [1, 4], [2, 0], [4, 1]]


@pytest.mark.parametrize("scale", [1.0, 14.0])
def test_both_cross_modal_losses_equal_slow_loops_over_the_pairs(scale: float):
    first, second = unit(5, 1), unit(5, 2)
    hits = same_groups(tf.constant(GROUPS))
    vectors = tf.constant(first), tf.constant(second)
    softmax = float(cross_modal_softmax(*vectors, tf.constant(scale), hits))
    assert softmax == pytest.approx(slow_softmax(first, second, scale), rel=1e-4)
    sigmoid = float(cross_modal_sigmoid(*vectors, tf.constant(scale), tf.constant(-3.0), hits))
    assert sigmoid == pytest.approx(slow_sigmoid(first, second, scale, -3.0), rel=1e-4)


def test_a_pair_alone_has_nothing_to_be_told_apart_from():
    one = tf.constant(unit(1, 3))
    assert float(cross_modal_softmax(one, one, tf.constant(5.0), same_groups(tf.constant([7])))) == 0


@pytest.mark.parametrize("scale", [1.0, 20.0])
def test_several_right_answers_share_what_is_likely_equally(scale: float):
    first, second = unit(4, 1), unit(6, 2)
    right = np.random.default_rng(3).random((4, 6)) < 0.4
    right[3] = False  # a question without an answer asks nothing
    total = 0.0
    for one, answers in zip(first.astype(float), right, strict=True):
        weights = [math.exp(scale * float(one @ other)) for other in second.astype(float)]
        losses = [
            -math.log(weight / sum(weights)) for weight, is_right in zip(weights, answers, strict=True) if is_right
        ]
        total += sum(losses) / len(losses) if losses else 0.0
    loss = multi_positive(tf.constant(first), tf.constant(second), tf.constant(scale), tf.constant(right))
    assert float(loss) == pytest.approx(total / 4, rel=1e-4)
