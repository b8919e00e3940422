"""Probes of frozen features: what a linear classifier or the nearest neighbours can read from them."""

from __future__ import annotations

from collections.abc import Sequence
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


def fit_self_trained_probe(
    features: np.ndarray,
    chosen: np.ndarray,
    labels: np.ndarray,
    keep: Sequence[float] = (0.3, 0.5, 0.8),
    regularisation: float = 0.3,
) -> LinearProbe:
    """Fit a linear head with few labels and many unlabelled features.

    Self-training (Lee 2013, "Pseudo-Label"): the head labels everything, the surest share of each class
    joins the training, and the head is fitted again; each round believes more.

    Args:
        features: `(n, d)` float32, labelled and unlabelled.
        chosen: `(m,)` indices of the labelled ones.
        labels: `(m,)` integers, their labels.
        keep: for each round the share of each predicted class that is believed.
        regularisation: scikit-learn's `C`.
    """
    probe = fit_linear_probe(features[chosen], labels, regularisation)
    for share in keep:
        logits = probe.logits(features)
        guesses = logits.argmax(axis=1)
        ordered = np.sort(logits, axis=1)
        margin = ordered[:, -1] - ordered[:, -2]
        believed = np.zeros(len(features), bool)
        for label in np.unique(labels):
            members = np.flatnonzero(guesses == label)
            if len(members):
                believed[members[np.argsort(-margin[members])[: max(1, int(len(members) * share))]]] = True
        guesses[chosen], believed[chosen] = labels, True
        probe = fit_linear_probe(features[believed], guesses[believed], regularisation)
    return probe
