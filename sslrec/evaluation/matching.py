"""From a cosine to a probability: does this product match the query?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

NEAREST = 0.05
"""Share of the products, the nearest others, among which a query's hard negative is drawn: a share, so that pairs are
as hard among few products as among many."""


@dataclass(frozen=True)
class MatchProbability:
    """The probability of a match as a logistic function of the cosine (Platt 1999).

    Attributes:
        scale: what the cosine is multiplied by.
        offset: what is added to that.
    """

    scale: float
    offset: float

    def __call__(self, cosines: np.ndarray) -> np.ndarray:
        """Probabilities, of the same shape as the cosines."""
        return 1 / (1 + np.exp(-(self.scale * np.asarray(cosines, np.float64) + self.offset)))


def match_pairs(queries: np.ndarray, items: np.ndarray, groups: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of query and product to fit or to check a probability on.

    For each query its own product, a product drawn from all others, and one drawn from the nearest 5 % of the
    others: a third of the pairs match. Products of one name count as one.

    Args:
        queries: `(n, d)` float32, unit length; query `i` means item `i`.
        items: `(n, d)` float32, unit length.
        groups: `(n,)` integers, equal where the names are; there are at least two names.
        seed: draws the pairs.

    Returns:
        `(3 * n,)` cosines and `(3 * n,)` bool, whether they match.
    """
    random = np.random.default_rng(seed)
    cosines = queries @ items.T
    other = groups[:, None] != groups[None, :]
    far = np.where(other, random.random(cosines.shape), -1.0).argmax(axis=1)
    count = max(1, min(round(NEAREST * len(items)), int(other.sum(axis=1).min())))
    nearest = np.argpartition(-np.where(other, cosines, -np.inf), count - 1, axis=1)[:, :count]
    hard = nearest[np.arange(len(queries)), random.integers(count, size=len(queries))]
    own = np.arange(len(queries))
    pairs = np.concatenate([cosines[own, chosen] for chosen in (own, far, hard)])
    return pairs, np.repeat([True, False, False], len(queries))


def fit_match_probability(cosines: np.ndarray, matches: np.ndarray) -> MatchProbability:
    """Fit the logistic function to pairs.

    Args:
        cosines: `(n,)`.
        matches: `(n,)` bool; both kinds occur.
    """
    model = LogisticRegression(C=1e4, max_iter=1000).fit(np.asarray(cosines)[:, None], matches)
    return MatchProbability(float(model.coef_[0, 0]), float(model.intercept_[0]))
