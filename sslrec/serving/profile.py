"""What a visitor likes and dislikes, as a change of the ranking."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sslrec.serving.index import products

TEMPERATURE = 0.1
"""How sharply an item attends to the liked one that is most like it."""
WEIGHT = 0.5
"""How much the profile counts beside the query's cosine."""
AKIN = 0.9
"""An item is like a liked one where it is nearer to it than this share of the catalogue."""
SAMPLE = 4000
"""About so many products stand for the catalogue in that comparison."""
PIECE = 4096
"""Items looked at together, so that what is computed of them stays in the processor's cache."""


@dataclass(frozen=True)
class Profile:
    """What a visitor has said about products.

    Attributes:
        likes: rows of liked products, the oldest first.
        dislikes: rows of disliked ones.
    """

    likes: tuple[int, ...] = ()
    dislikes: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.likes or self.dislikes)


def attend(similarities: np.ndarray, temperature: float = TEMPERATURE) -> np.ndarray:
    """How near each item is to a set of others, the nearest of which counts most.

    The item's attention over the set, `softmax(similarities / temperature)`, weighs its similarities: a visitor who
    likes boots and mugs gets boots and mugs, not the mean of both. After the deep interest network's attention to a
    user's history (Zhou et al. 2018, arXiv:1706.06978).

    Args:
        similarities: `(n, m)` float32 cosines of items with the set; `m` of at least 1.
        temperature: towards 0 only the nearest counts, towards infinity all alike.

    Returns:
        `(n,)` float32.
    """
    powers = np.exp((similarities - similarities.max(axis=1, keepdims=True)) / np.float32(temperature))
    return (powers * similarities).sum(axis=1) / powers.sum(axis=1)


def affinity(vectors: np.ndarray, liked: np.ndarray, disliked: np.ndarray) -> np.ndarray:
    """How well items suit a profile: nearness to what is liked less nearness to what is not.

    Args:
        vectors: `(n, dim)` float32 of length 1.
        liked: `(l, dim)` float32 of length 1; there may be none.
        disliked: `(d, dim)` float32 of length 1; there may be none.

    Returns:
        `(n,)` float32, -2 to 2.
    """
    total = np.zeros(len(vectors), np.float32)
    both = np.concatenate([liked, disliked]).astype(np.float32, copy=False)
    for start in range(0, len(vectors) if len(both) else 0, PIECE):
        # Item by item in the last dimension: a sum over few numbers in a row takes ten times as long.
        found = products(vectors[start : start + PIECE], both)
        if len(liked):
            total[start : start + PIECE] += attend(found[: len(liked)].T)
        if len(disliked):
            total[start : start + PIECE] -= attend(found[len(liked) :].T)
    return total


def akin(vectors: np.ndarray, liked: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Which liked product explains an item best.

    Args:
        vectors: `(n, dim)` float32 of length 1, the whole catalogue, which says what is near.
        liked: `(l, dim)` float32 of length 1; at least one.
        rows: `(m,)` integers, the items in question.

    Returns:
        `(m,)` int64, the position of the liked product, or -1 where the item is not notably near to any.
    """
    some = np.ascontiguousarray(vectors[:: max(1, len(vectors) // SAMPLE)])
    bar = np.quantile(products(some, liked), AKIN, axis=1)
    found = products(vectors[rows], liked).T
    # An item that is liked itself is no reason for itself.
    margin = np.where(found > 1 - 1e-4, -np.inf, found - bar)
    nearest = margin.argmax(axis=1)
    return np.where(margin[np.arange(len(rows)), nearest] > 0, nearest, -1)
