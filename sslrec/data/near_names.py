"""Products whose names are nearly the same: what a batch needs to be hard."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from sslrec.data.products import Products

FREQUENT = 0.3
"""Words in more than this share of the names say nothing about nearness."""
_PART = 500  # names at a time: their cosines with all others have to fit in memory


def near_names(products: Products, count: int, seed: int = 0) -> np.ndarray:
    """Products with the nearest other names, by the cosine of their words (TF-IDF); of equal names any product.

    Args:
        products: to look among.
        count: how many for each; fewer different names than that come more than once.
        seed: draws among the products of a name.

    Returns:
        `(n, count)` int32 rows, nearest first; where there is but one name, each product's own row.
    """
    groups, first, members = np.unique(products.groups, return_index=True, return_inverse=True)
    width = min(count, len(groups) - 1)
    if width < 1:
        return np.tile(np.arange(len(products), dtype=np.int32)[:, None], (1, count))
    names = [products.titles[row].lower() for row in first]
    words = TfidfVectorizer(token_pattern=r"\S+", max_df=FREQUENT if len(names) > 100 else 1.0)
    vectors: Any = words.fit_transform(names).astype(np.float32)
    nearest = np.empty((len(names), width), np.int64)
    for start in range(0, len(names), _PART):
        cosines = (vectors[start : start + _PART] @ vectors.T).toarray()
        rows = np.arange(len(cosines))
        cosines[rows, start + rows] = -1
        found = np.argpartition(-cosines, width - 1, axis=1)[:, :width]
        nearest[start : start + _PART] = np.take_along_axis(
            found, np.argsort(-np.take_along_axis(cosines, found, axis=1), axis=1, kind="stable"), axis=1
        )
    chosen = nearest[:, np.resize(np.arange(width), count)][members]
    sizes = np.bincount(members)
    # The rows of each name side by side, and one of them drawn.
    rows, begins = np.argsort(members, kind="stable"), np.cumsum(sizes) - sizes
    drawn = np.random.default_rng(seed).integers(sizes[chosen])
    return rows[begins[chosen] + drawn].astype(np.int32)
