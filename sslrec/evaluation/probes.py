"""Probes of frozen features: what a linear classifier or the nearest neighbours can read from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier


@dataclass(frozen=True)
class LinearProbe:
    """A linear classifier on frozen features.

    Attributes:
        weights: `(d, classes)` float32.
        bias: `(classes,)` float32.
    """

    weights: np.ndarray
    bias: np.ndarray

    def logits(self, features: np.ndarray) -> np.ndarray:
        """`(n, d)` features to `(n, classes)` logits."""
        return features @ self.weights + self.bias

    def accuracy(self, features: np.ndarray, labels: np.ndarray) -> float:
        """Share of `(n, d)` features whose highest logit is at the label `(n,)`."""
        return float((self.logits(features).argmax(axis=1) == labels).mean())


def fit_linear_probe(features: np.ndarray, labels: np.ndarray, regularisation: float = 1.0) -> LinearProbe:
    """Fit multinomial logistic regression on frozen features.

    Args:
        features: `(n, d)` float32.
        labels: `(n,)` integers 0 to classes - 1, each present.
        regularisation: scikit-learn's `C`, the inverse strength of the L2 penalty.
    """
    model = LogisticRegression(C=regularisation, max_iter=300)
    model.fit(features, labels)
    weights, bias = np.asarray(model.coef_, np.float32), np.asarray(model.intercept_, np.float32)
    if len(weights) == 1:  # of two classes scikit-learn keeps the second's logit alone
        weights, bias = np.concatenate([0 * weights, weights]), np.concatenate([0 * bias, bias])
    return LinearProbe(weights.T, bias)


def knn_accuracy(
    reference: np.ndarray, reference_labels: np.ndarray, queries: np.ndarray, labels: np.ndarray, k: int = 5
) -> float:
    """Accuracy of the majority of the `k` nearest references by cosine.

    Args:
        reference: `(n, d)` float32.
        reference_labels: `(n,)` integers.
        queries: `(m, d)` float32.
        labels: `(m,)` integers.
        k: how many references vote.
    """
    model = KNeighborsClassifier(k, metric="cosine", algorithm="brute")
    model.fit(reference, reference_labels)
    return float((model.predict(queries) == labels).mean())


def unit_length(features: np.ndarray) -> np.ndarray:
    """`(n, d)` features scaled to Euclidean length 1."""
    return features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
