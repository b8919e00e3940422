import math

import numpy as np
import pytest
from sklearn.metrics import mean_squared_error

from sslrec.evaluation.reconstruction import pca_error, reconstruction_error


def random_images(seed: int, count: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, size=(count, 28, 28), dtype=np.uint8)


def slow_cross_entropy(targets: np.ndarray, probabilities: np.ndarray) -> float:
    total = 0.0
    for target, probability in zip(targets.ravel().tolist(), probabilities.ravel().tolist(), strict=True):
        if target > 0:
            total -= target * math.log(probability)
        if target < 1:
            total -= (1 - target) * math.log(1 - probability)
    return total / targets.size


def test_figures_equal_slow_loops():
    images = random_images(0, 3)
    targets = images / 255
    probabilities = np.random.default_rng(1).uniform(0.01, 0.99, size=images.shape).astype(np.float32)
    figures = reconstruction_error(images, probabilities)
    assert figures["bce"] == pytest.approx(slow_cross_entropy(targets, probabilities), rel=1e-5)
    assert figures["entropy_floor"] == pytest.approx(slow_cross_entropy(targets, targets), rel=1e-5)
    assert figures["mse"] == pytest.approx(mean_squared_error(targets.ravel(), probabilities.ravel()), rel=1e-5)
    assert figures["excess"] == pytest.approx(figures["bce"] - figures["entropy_floor"])


def test_a_perfect_copy_has_no_excess_and_certainty_stays_finite():
    images = random_images(2, 2)
    figures = reconstruction_error(images, (images / 255).astype(np.float32))
    assert figures["excess"] == pytest.approx(0, abs=1e-6)
    assert figures["mse"] == pytest.approx(0, abs=1e-12)
    assert math.isfinite(reconstruction_error(images, (images < 128).astype(np.float32))["bce"])


def test_pca_error_is_what_the_best_linear_code_leaves_over():
    train, test = random_images(3, 60), random_images(4, 20)
    flat_train, flat_test = train.reshape(60, -1) / 255, test.reshape(20, -1) / 255
    mean = flat_train.mean(axis=0)
    _, _, directions = np.linalg.svd(flat_train - mean, full_matrices=False)
    kept = directions[:7]
    rebuilt = (flat_test - mean) @ kept.T @ kept + mean
    assert pca_error(train, test, 7) == pytest.approx(float(((flat_test - rebuilt) ** 2).mean()), rel=1e-3)
