"""Logits to probabilities, for all that serves or measures; without SciPy, which serving does not load."""

from __future__ import annotations

import numpy as np


def softmax(logits: np.ndarray) -> np.ndarray:
    """Softmax over the last axis.

    Args:
        logits: `(..., n)` floats; -inf for what is impossible, but not in all of a row.

    Returns:
        `(..., n)` of the same type; rows sum to 1.
    """
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
