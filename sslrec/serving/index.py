"""Exact nearest-neighbour search over unit vectors, and results that differ from one another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FEW = 3
"""So many queries are compared one after the other; more go through the vectors together."""
BLOCK = 64
"""Vectors that are compared with many queries at a time."""


@dataclass(frozen=True)
class Hits:
    """What a search found, best first; equal cosines in the order of their rows.

    Attributes:
        rows: `(m,)` int64, `m` at most the wanted number.
        cosines: `(m,)` float32, -1 to 1.
    """

    rows: np.ndarray
    cosines: np.ndarray


class VectorIndex:
    """Vectors to search by cosine, every one of them compared.

    At 44,000 x 128 an exact search takes a few milliseconds, so an approximate index would buy nothing.

    Args:
        vectors: `(n, dim)` float32 of Euclidean length 1 (or 0, where there is none); a memory map will do.
    """

    def __init__(self, vectors: np.ndarray) -> None:
        if vectors.ndim != 2 or vectors.dtype != np.float32:
            raise ValueError(f"vectors must be (n, dim) float32, not {vectors.shape} {vectors.dtype}")
        self.vectors = vectors

    def __len__(self) -> int:
        return len(self.vectors)

    def cosines(self, queries: np.ndarray) -> np.ndarray:
        """Cosine of each query with each vector: `(q, dim)` float32 to `(q, n)` float32."""
        return products(self.vectors, np.ascontiguousarray(queries, np.float32))

    def search(self, query: np.ndarray, k: int, allowed: np.ndarray | None = None, exclude: int | None = None) -> Hits:
        """The `k` vectors nearest to a query.

        Args:
            query: `(dim,)` float32 of length 1.
            k: how many; fewer where not so many are allowed.
            allowed: `(n,)` bool, which vectors may be found; all by default.
            exclude: one row that may not, such as the query's own.
        """
        return best(self.cosines(np.asarray(query)[None])[0], k, allowed, exclude)


def products(vectors: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """Scalar product of each query with each vector, on the thread that asks.

    A matrix product of this size is divided among all cores, and waits for the slowest: beside a training or another
    visitor's answer three queries took 20 ms instead of 5. So it is made of products that are too small to divide.

    Args:
        vectors: `(n, dim)` float32; a memory map will do.
        queries: `(q, dim)` float32.

    Returns:
        `(q, n)` float32.
    """
    vectors = np.asarray(vectors)
    found = np.empty((len(queries), len(vectors)), np.float32)
    if len(queries) <= FEW:
        for row, query in enumerate(queries):
            np.einsum("nd,d->n", vectors, query, out=found[row])
        return found
    whole = len(vectors) - len(vectors) % BLOCK
    blocks = vectors[:whole].reshape(-1, BLOCK, vectors.shape[1]).transpose(0, 2, 1)
    np.matmul(queries, blocks, out=found[:, :whole].reshape(len(queries), -1, BLOCK).transpose(1, 0, 2))
    np.matmul(queries, vectors[whole:].T, out=found[:, whole:])
    return found


def best(values: np.ndarray, k: int, allowed: np.ndarray | None = None, exclude: int | None = None) -> Hits:
    """The `k` highest values, highest first; equal ones in the order of their rows.

    Args:
        values: `(n,)` float32.
        k: how many; fewer where not so many are allowed.
        allowed: `(n,)` bool, which rows may be found; all by default.
        exclude: one row that may not.
    """
    rows = np.arange(len(values)) if allowed is None else np.flatnonzero(allowed)
    if exclude is not None:
        rows = rows[rows != exclude]
    k = min(max(k, 0), len(rows))
    if k == 0:
        return Hits(np.empty(0, np.int64), np.empty(0, np.float32))
    found = values[rows]
    if k < len(rows):
        # Everything that ties with the last place, so that rows decide between equal values and not the partition.
        last = np.partition(found, len(rows) - k)[len(rows) - k]
        kept = found >= last
        rows, found = rows[kept], found[kept]
    order = np.argsort(-found, kind="stable")[:k]
    return Hits(rows[order], found[order])


def ranks(values: np.ndarray, rows: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """The places, from 1, that some rows take among the allowed ones when ordered as `best` does.

    Args:
        values: `(n,)` float32.
        rows: `(m,)` integers, the rows in question.
        allowed: `(n,)` bool.

    Returns:
        `(m,)` int64.
    """
    known, wanted = np.sort(values[allowed]), values[rows]
    low, high = np.searchsorted(known, wanted), np.searchsorted(known, wanted, "right")
    places = len(known) - high + 1
    for index in np.flatnonzero(high - low > allowed[rows]):
        row = int(rows[index])
        places[index] += np.count_nonzero((values[:row] == values[row]) & allowed[:row])
    return places


def diversify(vectors: np.ndarray, relevance: np.ndarray, k: int, diversity: float) -> np.ndarray:
    """Choose results one by one, each relevant and unlike those before: maximal marginal relevance.

    The next is the one with the highest `lambda * relevance - (1 - lambda) * (highest cosine with a chosen one)`,
    where `lambda = 1 - diversity`. Carbonell and Goldstein 1998, "The Use of MMR, Diversity-Based Reranking for
    Reordering Documents and Producing Summaries".

    Args:
        vectors: `(n, dim)` float32 of length 1, the candidates.
        relevance: `(n,)` float32, on a cosine's scale.
        k: how many to choose.
        diversity: 0 for relevance alone to 1 for unlikeness alone; the first choice is the most relevant one always.

    Returns:
        `(min(k, n),)` int64, positions of the candidates in the order they were chosen.
    """
    chosen = np.empty(min(k, len(vectors)), np.int64)
    nearest = np.zeros(len(vectors), np.float32)
    left = np.ones(len(vectors), bool)
    for place in range(len(chosen)):
        gain = relevance if place == 0 else (1 - diversity) * relevance - diversity * nearest
        pick = int(np.where(left, gain, -np.inf).argmax())
        chosen[place], left[pick] = pick, False
        cosines = vectors @ vectors[pick]
        nearest = cosines if place == 0 else np.maximum(nearest, cosines)
    return chosen
