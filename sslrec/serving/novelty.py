"""How unlike a digit a picture is, from the reconstruction error and the class entropy.

A digit is rebuilt well by an autoencoder that only ever saw digits, and is read with confidence.
Reconstruction error as a novelty signal: Japkowicz et al. 1995; entropy of the classes: Hendrycks and
Gimpel 2016 (arXiv:1610.02136).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class NoveltyModel:
    """A logistic function of both signals.

    Attributes:
        error_weight: of the logarithm of the reconstruction error per ink.
        entropy_weight: of the class entropy in nats.
        bias: places the score's 0.5.
    """

    error_weight: float
    entropy_weight: float
    bias: float

    def score(self, images: np.ndarray, reconstructions: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
        """Score pictures.

        Args:
            images: `(n, 28, 28)` float32 in [0, 1].
            reconstructions: `(n, 28, 28)` float32 in [0, 1].
            probabilities: `(n, 10)` float32.

        Returns:
            `(n,)` float64 in [0, 1]; above 0.5 a picture is taken for no digit.
        """
        error, entropy = signals(images, reconstructions, probabilities)
        logits = self.error_weight * error + self.entropy_weight * entropy + self.bias
        return 1 / (1 + np.exp(-np.clip(logits, -50, 50)))


def signals(
    images: np.ndarray, reconstructions: np.ndarray, probabilities: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The two signals: log of the excess cross-entropy per ink, and the class entropy in nats, `(n,)` each."""
    excess = binary_cross_entropy(images, reconstructions) - binary_cross_entropy(images, images)
    ink = images.reshape(len(images), -1).mean(axis=1)
    error = np.log(np.maximum(excess, 1e-5) / (ink + 0.02))
    entropy = -(probabilities * np.log(np.maximum(probabilities, 1e-12))).sum(axis=1)
    return error, entropy


def binary_cross_entropy(images: np.ndarray, reconstructions: np.ndarray) -> np.ndarray:
    """Mean binary cross-entropy per pixel, in nats: `(n, 28, 28)` twice to `(n,)`."""
    clipped = np.clip(reconstructions, 1e-6, 1 - 1e-6)
    losses = -(images * np.log(clipped) + (1 - images) * np.log(1 - clipped))
    return losses.reshape(len(images), -1).mean(axis=1)


def fit_novelty(
    digits: tuple[np.ndarray, np.ndarray, np.ndarray],
    others: tuple[np.ndarray, np.ndarray, np.ndarray],
    turned_away: float = 0.005,
) -> NoveltyModel:
    """Fit the score to tell digits from other pictures.

    Args:
        digits: `(images, reconstructions, probabilities)` of digits, shaped as for `NoveltyModel.score`.
        others: the same of pictures that are no digits.
        turned_away: the share of the digits that may score above 0.5.
    """
    from sklearn.linear_model import LogisticRegression

    inside, outside = np.stack(signals(*digits), axis=1), np.stack(signals(*others), axis=1)
    labels = np.concatenate([np.zeros(len(inside)), np.ones(len(outside))])
    fitted = LogisticRegression().fit(np.concatenate([inside, outside]), labels)
    error_weight, entropy_weight = (float(weight) for weight in fitted.coef_[0])
    threshold = float(np.quantile(inside @ fitted.coef_[0], 1 - turned_away))
    return NoveltyModel(error_weight, entropy_weight, -threshold)
