"""Intervals around measured figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats


def mean_interval(values: Sequence[float], confidence: float = 0.95) -> dict[str, float]:
    """Mean over seeds with Student's t interval.

    Args:
        values: one figure per seed.
        confidence: the interval's coverage.

    Returns:
        `mean`, `low` and `high`; with one value all three are that value.
    """
    mean = float(np.mean(values))
    if len(values) < 2:
        return {"mean": mean, "low": mean, "high": mean}
    error = stats.sem(values) * stats.t.ppf((1 + confidence) / 2, len(values) - 1)
    return {"mean": mean, "low": mean - float(error), "high": mean + float(error)}


def share_interval(hits: int, total: int, confidence: float = 0.95) -> dict[str, float]:
    """A share with Wilson's score interval (Wilson 1927).

    Args:
        hits: how many were right.
        total: of how many.
        confidence: the interval's coverage.

    Returns:
        `mean`, `low` and `high`.
    """
    interval = stats.binomtest(hits, total).proportion_ci(confidence, method="wilson")
    return {"mean": hits / total, "low": float(interval.low), "high": float(interval.high)}


def resampled_means(values: np.ndarray, rounds: int = 2000, seed: int = 0) -> np.ndarray:
    """Means over queries drawn anew with replacement, the same draw for every system: the paired bootstrap.

    Efron 1979; for comparing systems Koehn 2004, "Statistical Significance Tests for Machine Translation Evaluation".

    Args:
        values: `(systems, queries)`, a figure of each system for each query.
        rounds: how many draws.
        seed: decides them.

    Returns:
        `(systems, rounds)` float64.
    """
    random, count = np.random.default_rng(seed), values.shape[1]
    means = np.empty((len(values), rounds))
    for place in range(rounds):
        means[:, place] = values[:, random.integers(count, size=count)].mean(axis=1)
    return means


def percentile_interval(figure: float, resampled: np.ndarray, confidence: float = 0.95) -> dict[str, float]:
    """A figure with the interval that its resampled values span.

    Args:
        figure: of the queries as they are.
        resampled: `(rounds,)`, the same figure of each draw.
        confidence: the interval's coverage.

    Returns:
        `mean`, `low` and `high`.
    """
    low, high = np.quantile(resampled, [(1 - confidence) / 2, (1 + confidence) / 2])
    return {"mean": float(figure), "low": float(low), "high": float(high)}
