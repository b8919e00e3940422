"""How good rankings are: hits, precision, NDCG, reciprocal rank; calibration of scores; fusion of rankings.

Every function takes scores of queries and items, `(q, n)`, and says which items are relevant, `(q, n)` bool; figures
come query by query, so that systems can be compared query by query. Where scores are equal the irrelevant item is
taken to come first: a system that does not tell items apart earns nothing by their order.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def top_relevance(scores: np.ndarray, relevant: np.ndarray, k: int) -> np.ndarray:
    """Whether each of the first `k` items is relevant.

    Args:
        scores: `(q, n)`, higher is better; `-inf` leaves an item out.
        relevant: `(q, n)` bool.
        k: how many; at most `n` are there.

    Returns:
        `(q, min(k, n))` bool, best item first.
    """
    k = min(k, scores.shape[1])
    found = np.empty((len(scores), k), bool)
    last = -np.partition(-scores, k - 1, axis=1)[:, k - 1]
    for row, (values, right) in enumerate(zip(scores, relevant, strict=True)):
        near = np.flatnonzero(values >= last[row])
        order = np.lexsort((right[near], -values[near]))[:k]
        found[row] = right[near][order] & np.isfinite(values[near][order])
    return found


def first_ranks(scores: np.ndarray, relevant: np.ndarray) -> np.ndarray:
    """The rank, from 1, of the best relevant item: `(q,)` float64, infinite where a query has none."""
    best = np.where(relevant, scores, -np.inf).max(axis=1)
    ranks = 1.0 + ((scores >= best[:, None]) & ~relevant).sum(axis=1)
    return np.where(np.isfinite(best), ranks, np.inf)


def hit_at_k(scores: np.ndarray, relevant: np.ndarray, k: int) -> np.ndarray:
    """Whether a relevant item is among the first `k`: `(q,)` float64, 1 or 0.

    The `R@k` of image-text retrieval, where all relevant items are one and the same.
    """
    return (first_ranks(scores, relevant) <= k).astype(np.float64)


def reciprocal_rank(scores: np.ndarray, relevant: np.ndarray) -> np.ndarray:
    """One over the rank of the best relevant item, 0 where there is none: `(q,)` float64."""
    return 1 / first_ranks(scores, relevant)


def precision_at_k(scores: np.ndarray, relevant: np.ndarray, k: int) -> np.ndarray:
    """Share of the first `k` places that hold a relevant item: `(q,)` float64."""
    return top_relevance(scores, relevant, k).sum(axis=1) / k


def ndcg_at_k(scores: np.ndarray, relevant: np.ndarray, k: int) -> np.ndarray:
    """Normalised discounted cumulative gain of the first `k`, a relevant item's gain being 1.

    Jaervelin and Kekaelaeinen 2002: gains are divided by `log2(1 + rank)` and their sum by that of a perfect ranking.

    Returns:
        `(q,)` float64, 0 where a query has no relevant item.
    """
    found = top_relevance(scores, relevant, k)
    discounts = 1 / np.log2(np.arange(2, found.shape[1] + 2))
    perfect = np.concatenate([[0.0], discounts.cumsum()])[np.minimum(relevant.sum(axis=1), found.shape[1])]
    return (found @ discounts) / np.where(perfect > 0, perfect, 1)


def expected_calibration_error(probabilities: np.ndarray, outcomes: np.ndarray, bins: int = 15) -> float:
    """How far probabilities are from the shares that come true, on average.

    Guo et al. 2017, "On Calibration of Modern Neural Networks" (arXiv:1706.04599): bins of equal width; each bin's
    difference of mean probability and share of true outcomes counts by its size.

    Args:
        probabilities: `(n,)` in [0, 1].
        outcomes: `(n,)` bool.
        bins: how many.
    """
    places = np.minimum((np.asarray(probabilities) * bins).astype(int), bins - 1)
    counts = np.bincount(places, minlength=bins)
    said = np.bincount(places, probabilities, bins)
    came = np.bincount(places, np.asarray(outcomes, np.float64), bins)
    return float(np.abs(said - came)[counts > 0].sum() / len(places))


def reciprocal_rank_fusion(rankings: Sequence[np.ndarray], constant: float = 60.0) -> np.ndarray:
    """One ranking out of several whose scores are of different kinds.

    Cormack, Clarke and Buettcher 2009: an item's score is the sum of `1 / (constant + rank)`. Items of equal score
    share their mean rank.

    Args:
        rankings: scores of each system, `(q, n)`; `-inf` leaves an item out where any system does.
        constant: the larger, the less the first ranks stand out.

    Returns:
        `(q, n)` float32 scores.
    """
    total = np.zeros(rankings[0].shape, np.float32)
    for scores in rankings:
        for row, values in enumerate(scores):
            total[row] += 1 / (constant + _mean_ranks(values))
        total[~np.isfinite(scores)] = -np.inf
    return total


def _mean_ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1, highest value first; equal values share their mean rank. Some times faster than `rankdata`."""
    order = np.argsort(-values)
    ranked = values[order]
    starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    ends = np.append(starts[1:], len(values))
    ranks = np.empty(len(values))
    ranks[order] = np.repeat((starts + 1 + ends) / 2, ends - starts)
    return ranks
