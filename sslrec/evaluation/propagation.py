"""Label propagation: a few labels spread along the paths that many unlabelled features form."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import cg
from sklearn.neighbors import kneighbors_graph

from sslrec.evaluation.probes import LinearProbe, fit_linear_probe


def neighbour_graph(features: np.ndarray, neighbours: int = 5, sharpness: float = 3.0) -> sparse.csr_array:
    """Join each feature to its nearest ones and normalise: `D^-1/2 W D^-1/2`.

    Args:
        features: `(n, d)` float32.
        neighbours: how many nearest features each is joined to. Few: a bridge between two classes is as
            easily made as one within a class that looks different.
        sharpness: the power of the cosine that weighs an edge.

    Returns:
        `(n, n)` sparse symmetric matrix with eigenvalues in [-1, 1].
    """
    neighbours = min(neighbours, len(features) - 1)
    near = kneighbors_graph(features, neighbours, mode="distance", metric="cosine")
    # A distance of exactly zero is an edge too; the matrix keeps it until its data change.
    near.data = np.maximum(1 - near.data, 0) ** sharpness
    weights = sparse.csr_array(near.maximum(near.T))
    scale = sparse.diags_array(1 / np.sqrt(np.maximum(weights.sum(axis=1), 1e-12)))
    return sparse.csr_array(scale @ weights @ scale)


def propagate_labels(
    graph: sparse.csr_array, chosen: np.ndarray, labels: np.ndarray, alpha: float = 0.999
) -> np.ndarray:
    """Solve `(I - alpha S) z = y` for each class and give each class the same mass.

    The closed form of Zhou et al. 2003, "Learning with Local and Global Consistency"; the equal masses
    are the class mass normalisation of Zhu, Ghahramani and Lafferty 2003 for balanced classes.

    Args:
        graph: the normalised graph of `n` features.
        chosen: `(m,)` indices of the labelled ones.
        labels: `(m,)` integers 0 to classes - 1, each present.
        alpha: how far a label reaches: a step along an edge keeps this share of it.

    Returns:
        `(n, classes)` float64 shares that sum to 1 in each row, or to 0 where no label reaches.
    """
    size = len(graph.indptr) - 1
    system = sparse.identity(size, format="csr") - alpha * graph
    masses = np.zeros((size, int(labels.max()) + 1))
    for label in range(masses.shape[1]):
        given = np.zeros(size)
        given[chosen[labels == label]] = 1
        solution, _ = cg(system, given, rtol=1e-5, maxiter=2000)
        masses[:, label] = np.maximum(solution, 0)
    masses /= masses.sum(axis=0)
    total = masses.sum(axis=1, keepdims=True)
    return np.divide(masses, total, out=np.zeros_like(masses), where=total > 0)


def fit_propagated_probe(
    features: np.ndarray,
    graph: sparse.csr_array,
    chosen: np.ndarray,
    labels: np.ndarray,
    regularisation: float = 0.01,
) -> LinearProbe:
    """Fit a linear head with few labels and many unlabelled features.

    The labels spread over the features' graph, and the head learns what they became; the given labels
    stay as they are.

    Args:
        features: `(n, d)` float32, labelled and unlabelled.
        graph: their `neighbour_graph`.
        chosen: `(m,)` indices of the labelled ones.
        labels: `(m,)` integers, their labels.
        regularisation: scikit-learn's `C`.
    """
    shares = propagate_labels(graph, chosen, labels)
    reached = shares.sum(axis=1) > 0
    guesses = shares.argmax(axis=1)
    guesses[chosen], reached[chosen] = labels, True
    return fit_linear_probe(features[reached], guesses[reached], regularisation)
