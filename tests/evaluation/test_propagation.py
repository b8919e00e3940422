import numpy as np
import pytest
from sklearn.datasets import load_digits, make_moons

from sslrec.evaluation.probes import fit_linear_probe
from sslrec.evaluation.propagation import fit_propagated_probe, neighbour_graph, propagate_labels


def slow_graph(features: np.ndarray, neighbours: int, sharpness: float) -> np.ndarray:
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    weights = np.zeros((len(features), len(features)))
    for row, feature in enumerate(unit):
        cosines = unit @ feature
        cosines[row] = -np.inf
        for column in np.argsort(-cosines)[:neighbours]:
            weight = max(cosines[column], 0) ** sharpness
            weights[row, column] = weights[column, row] = max(weight, weights[row, column])
    degrees = weights.sum(axis=1)
    return weights / np.sqrt(np.outer(degrees, degrees))


def slow_propagation(graph: np.ndarray, chosen, labels, alpha: float) -> np.ndarray:
    given = np.zeros((len(graph), labels.max() + 1))
    given[chosen, labels] = 1
    found = given.copy()
    for _ in range(5000):
        found = alpha * graph @ found + given
    found /= found.sum(axis=0)
    return found / found.sum(axis=1, keepdims=True)


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    features, labels = (np.asarray(array)[:800] for array in load_digits(return_X_y=True))
    return (features / 16).astype(np.float32), labels.astype(int)


def test_graph_and_propagation_equal_slow_loops(digits):
    features, labels = (array[:200] for array in digits)
    graph = neighbour_graph(features, neighbours=4, sharpness=2.0)
    expected = slow_graph(features, 4, 2.0)
    np.testing.assert_allclose(graph.toarray(), expected, atol=1e-5)
    chosen = np.concatenate([np.flatnonzero(labels == label)[:2] for label in range(10)])
    shares = propagate_labels(graph, chosen, labels[chosen], alpha=0.99)
    np.testing.assert_allclose(shares, slow_propagation(expected, chosen, labels[chosen], 0.99), atol=1e-3)


def test_a_label_follows_the_curve_that_no_straight_line_separates():
    points, labels = make_moons(400, noise=0.05, random_state=0)
    lifted = np.column_stack([points, np.full(len(points), 2.0)])  # so that the cosine sees distances
    chosen = np.array([np.flatnonzero(labels == label)[0] for label in (0, 1)])
    shares = propagate_labels(neighbour_graph(lifted), chosen, labels[chosen])
    assert (shares.argmax(axis=1) == labels).mean() > 0.98


def test_few_labels_and_the_graph_beat_few_labels_alone(digits):
    features, labels = digits
    chosen = np.concatenate([np.flatnonzero(labels == label)[:2] for label in range(10)])
    probe = fit_propagated_probe(features, neighbour_graph(features), chosen, labels[chosen], 1.0)
    alone = fit_linear_probe(features[chosen], labels[chosen])
    assert probe.accuracy(features, labels) > alone.accuracy(features, labels) + 0.05


def test_the_given_labels_are_never_overruled(digits):
    features, labels = digits
    few = np.concatenate([np.flatnonzero(labels == label)[:5] for label in (0, 1)])
    swapped = 1 - labels[few]
    probe = fit_propagated_probe(features[few], neighbour_graph(features[few]), np.arange(10), swapped, 1e3)
    assert probe.accuracy(features[few], swapped) == 1


def test_copies_and_islands_without_a_label_do_no_harm():
    island = np.eye(3, dtype=np.float32)[np.repeat([0, 1, 2], 8)]
    shares = propagate_labels(neighbour_graph(island), np.array([0, 8]), np.array([0, 1]))
    np.testing.assert_allclose(shares[:8], [[1, 0]] * 8)
    np.testing.assert_allclose(shares[8:16], [[0, 1]] * 8)
    np.testing.assert_allclose(shares[16:], 0)
