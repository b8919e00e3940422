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
