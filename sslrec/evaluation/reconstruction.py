"""How well pictures are rebuilt."""

from __future__ import annotations

import numpy as np
from sklearn.decomposition import PCA


def reconstruction_error(images: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """Binary cross-entropy, its floor and the mean squared error.

    The grey values of the pictures are soft targets, so that even a perfect copy costs their entropy;
    `excess` is what lies above that floor.

    Args:
        images: `(n, 28, 28)` uint8.
        probabilities: `(n, 28, 28)` float32 in [0, 1].

    Returns:
        `bce`, `entropy_floor` and `excess` in nats per pixel, `mse` of values in [0, 1].
    """
    targets = images.astype(np.float64) / 255
    floor = _cross_entropy(targets, targets)
    bce = _cross_entropy(targets, probabilities.astype(np.float64))
    return {
        "bce": bce,
        "entropy_floor": floor,
        "excess": bce - floor,
        "mse": float(np.mean((targets - probabilities) ** 2)),
    }


def _cross_entropy(targets: np.ndarray, probabilities: np.ndarray) -> float:
    clipped = np.clip(probabilities, 1e-7, 1 - 1e-7)
    return float(-np.mean(targets * np.log(clipped) + (1 - targets) * np.log1p(-clipped)))


def pca_error(train: np.ndarray, test: np.ndarray, components: int) -> float:
    """Mean squared error on `test` of PCA with as many components as a code has numbers.

    Args:
        train: `(n, 28, 28)` uint8 images that the components are fitted on.
        test: `(m, 28, 28)` uint8.
        components: number of components.
    """
    flat_train = train.reshape(len(train), -1).astype(np.float32) / 255
    flat_test = test.reshape(len(test), -1).astype(np.float32) / 255
    pca = PCA(components, svd_solver="covariance_eigh").fit(flat_train)
    return float(np.mean((flat_test - pca.inverse_transform(pca.transform(flat_test))) ** 2))
