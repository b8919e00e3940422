"""How unlike a digit a picture is: from its reconstruction, how surely it is read, and what it looks like.

A digit is rebuilt well by an autoencoder that only ever saw digits, and is read with confidence. Reconstruction error
as a novelty signal: Japkowicz et al. 1995; entropy of the classes: Hendrycks and Gimpel 2016 (arXiv:1610.02136). But a
heart is rebuilt as well as a 0 and read as surely: what tells them apart are the self-supervised features, by a small
network that has seen made-up pictures (outlier exposure: Hendrycks et al. 2018, arXiv:1812.04606).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

UNITS = 64
"""Hidden units of the network."""


class Seen(NamedTuple):
    """Pictures and what the models make of them.

    Attributes:
        images: `(n, 28, 28)` float32 in [0, 1].
        reconstructions: `(n, 28, 28)` float32 in [0, 1].
        probabilities: `(n, 10)` float32, of the classes.
        features: `(n, d)` float32, self-supervised.
    """

    images: np.ndarray
    reconstructions: np.ndarray
    probabilities: np.ndarray
    features: np.ndarray


@dataclass(frozen=True, eq=False)
class NoveltyModel:
    """A network of one hidden layer (ReLU) on both signals and the features' directions.

    Attributes:
        mean: `(2 + d,)`, taken from each input.
        scale: `(2 + d,)`, by which it is divided.
        hidden: `(2 + d, units)` weights.
        hidden_bias: `(units,)`.
        output: `(units,)` weights.
        bias: a scalar that places the score's 0.5.
    """

    mean: np.ndarray
    scale: np.ndarray
    hidden: np.ndarray
    hidden_bias: np.ndarray
    output: np.ndarray
    bias: np.ndarray

    def score(self, seen: Seen) -> np.ndarray:
        """Score pictures: `(n,)` float64 in [0, 1]; above 0.5 a picture is taken for no digit."""
        return 1 / (1 + np.exp(-np.clip(self.logits(seen), -50, 50)))

    def logits(self, seen: Seen) -> np.ndarray:
        """The score before its sigmoid, `(n,)` float64."""
        states = ((inputs(seen) - self.mean) / self.scale) @ self.hidden + self.hidden_bias
        return np.maximum(states, 0) @ self.output + self.bias


def inputs(seen: Seen) -> np.ndarray:
    """What the network sees of each picture: both signals and the features at length 1, `(n, 2 + d)` float64."""
    lengths = np.maximum(np.linalg.norm(seen.features, axis=1, keepdims=True), 1e-12)
    return np.column_stack([*signals(seen.images, seen.reconstructions, seen.probabilities), seen.features / lengths])


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


def fit_novelty(digits: Seen, others: Seen, unseen: Seen, turned_away: float = 0.005, seed: int = 0) -> NoveltyModel:
    """Fit the score to tell digits from other pictures.

    Args:
        digits: what to learn from.
        others: pictures that are no digits.
        unseen: further digits, which place the score's 0.5.
        turned_away: the share of these that may score above 0.5.
        seed: decides the network's start and the order of the pictures.
    """
    from sklearn.neural_network import MLPClassifier

    rows = np.concatenate([inputs(digits), inputs(others)])
    labels = np.repeat([0, 1], [len(digits.images), len(others.images)])
    mean, scale = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-6)
    network = MLPClassifier((UNITS,), alpha=1e-2, early_stopping=True, max_iter=60, random_state=seed)
    network.fit((rows - mean) / scale, labels)
    (hidden, output), hidden_bias = network.coefs_, network.intercepts_[0]
    model = NoveltyModel(
        mean.astype(np.float32),
        scale.astype(np.float32),
        hidden.astype(np.float32),
        hidden_bias.astype(np.float32),
        output[:, 0].astype(np.float32),
        np.zeros((), np.float32),
    )
    threshold = np.quantile(model.logits(unseen), 1 - turned_away)
    return replace(model, bias=np.asarray(-threshold, np.float32))
