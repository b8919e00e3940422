import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from sslrec.evaluation.probes import (
    LinearProbe,
    fit_linear_probe,
    knn_accuracy,
    unit_length,
)


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    features, labels = (np.asarray(array) for array in load_digits(return_X_y=True))
    return (features / 16).astype(np.float32), labels


def test_linear_probe_is_scikit_learns_logistic_regression(digits):
    features, labels = digits
    probe = fit_linear_probe(features[:500], labels[:500], regularisation=0.3)
    model = LogisticRegression(C=0.3, max_iter=1000).fit(features[:500], labels[:500])
    np.testing.assert_allclose(probe.logits(features[500:]), model.decision_function(features[500:]), atol=1e-3)
    assert probe.accuracy(features[500:], labels[500:]) == pytest.approx(model.score(features[500:], labels[500:]))


def test_linear_probe_serves_as_float32_arrays(digits):
    features, labels = digits
    probe = fit_linear_probe(features[:200], labels[:200])
    assert probe.weights.shape == (64, 10)
    assert probe.bias.shape == (10,)
    assert probe.weights.dtype == probe.bias.dtype == np.float32


def test_two_classes_get_a_logit_each(digits):
    features, labels = digits
    two = labels < 2
    probe = fit_linear_probe(features[two], labels[two])
    assert probe.weights.shape == (64, 2)
    assert probe.accuracy(features[two], labels[two]) > 0.99


def test_accuracy_by_hand():
    probe = LinearProbe(np.eye(2, dtype=np.float32), np.array([0.0, 0.5], np.float32))
    features = np.array([[1, 0], [0.4, 0], [0, 1], [0.6, 0.2]], np.float32)
    assert probe.accuracy(features, np.array([0, 0, 1, 0])) == 0.5


def slow_knn_accuracy(reference, reference_labels, queries, labels, k: int) -> float:
    hits = 0
    for query, label in zip(queries, labels, strict=True):
        cosines = [query @ other / np.linalg.norm(query) / np.linalg.norm(other) for other in reference]
        votes = np.bincount(reference_labels[np.argsort(-np.array(cosines))[:k]])
        hits += int(votes.argmax() == label)
    return hits / len(labels)


@pytest.mark.parametrize("k", [1, 5])
def test_knn_accuracy_equals_a_slow_loop(digits, k: int):
    features, labels = digits
    data = features[:300], labels[:300], features[300:400], labels[300:400]
    assert knn_accuracy(*data, k=k) == pytest.approx(slow_knn_accuracy(*data, k=k))


def test_unit_length():
    np.testing.assert_allclose(unit_length(np.array([[3.0, 4.0], [0.0, 2.0]])), [[0.6, 0.8], [0, 1]])
    assert np.isfinite(unit_length(np.zeros((1, 3)))).all()
