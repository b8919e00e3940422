"""Figures of filling gaps in texts, and what counting neighbours achieves without any model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import sparse


def target_ranks(scores: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """How many pieces score higher than the right one.

    Args:
        scores: `(n, vocab_size)` logits or probabilities.
        targets: `(n,)` integers, the pieces that were hidden.

    Returns:
        `(n,)` integers; 0 where the right piece is first. Of equal scores, half count as higher: a model that
        gives every piece the same score gets chance, not everything.
    """
    right = scores[np.arange(len(targets)), targets][:, None]
    higher = (scores > right).sum(axis=1)
    equal = (scores == right).sum(axis=1) - 1
    return higher + equal // 2


def top_k_accuracy(scores: np.ndarray, targets: np.ndarray, k: int) -> float:
    """Share of the gaps whose right piece is among the `k` best.

    Args:
        scores: `(n, vocab_size)`.
        targets: `(n,)` integers.
        k: how many guesses count.
    """
    return float((target_ranks(scores, targets) < k).mean())


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """`(n, vocab_size)` logits to log-probabilities in nats."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def pseudo_perplexity(log_probabilities: np.ndarray) -> float:
    """How many pieces a model wavers between, on average, when each piece of a text is hidden alone.

    Salazar et al. 2020, "Masked Language Model Scoring" (arXiv:1910.14659), equation 2.

    Args:
        log_probabilities: `(n,)` nats of each right piece, given all others of its text.
    """
    return float(np.exp(-np.mean(log_probabilities)))


@dataclass(frozen=True)
class NeighbourCounts:
    """Guessing a piece from its left and right neighbour, by counts: the baseline of filling gaps.

    With both neighbours seen around a gap before, what stood there counts (a trigram); the rest of the probability
    goes to what the pairs say, P(w | left) P(w | right) / P(w), normalised; and theirs to how frequent a piece is.
    How much is passed on follows Witten and Bell 1991: of a context seen n times before t different pieces,
    t / (n + t).

    Attributes:
        pieces: `(vocab_size,)` float64, the smoothed probability of each piece; 0 for special ones.
        after: `(vocab_size, vocab_size)` counts of the column's piece after the row's.
        before: `(vocab_size, vocab_size)` counts of the column's piece before the row's.
        keys: `(m,)` int64, sorted: left, right and middle of each trigram as one number.
        counts: `(m,)` how often each was seen.
    """

    pieces: np.ndarray
    after: sparse.csr_array
    before: sparse.csr_array
    keys: np.ndarray
    counts: np.ndarray

    def unigram(self, gaps: int) -> np.ndarray:
        """`(gaps, vocab_size)` probabilities that look at no neighbour."""
        return np.tile(self.pieces, (gaps, 1))

    def trigram(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Probabilities from both neighbours.

        Args:
            left: `(n,)` ids before the gaps; one never seen, such as `[MASK]`, tells nothing.
            right: `(n,)` ids after the gaps.

        Returns:
            `(n, vocab_size)` float64.
        """
        pairs = self._given(self.after, left) * self._given(self.before, right)
        pairs = np.divide(pairs, self.pieces, out=np.zeros_like(pairs), where=self.pieces > 0)
        pairs /= pairs.sum(axis=1, keepdims=True)
        size = len(self.pieces)
        context = (left.astype(np.int64) * size + right) * size
        starts, ends = np.searchsorted(self.keys, context), np.searchsorted(self.keys, context + size)
        for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
            if end > start:
                kinds, seen = end - start, self.counts[start:end].sum()
                pairs[row] *= kinds / (seen + kinds)
                pairs[row, self.keys[start:end] % size] += self.counts[start:end] / (seen + kinds)
        return pairs

    def _given(self, table: sparse.csr_array, context: np.ndarray) -> np.ndarray:
        """`(n, vocab_size)` probabilities of a piece given one neighbour."""
        seen = table[context].toarray().astype(np.float64)
        kinds = np.maximum((seen > 0).sum(axis=1, keepdims=True), 1)
        return (seen + kinds * self.pieces) / (seen.sum(axis=1, keepdims=True) + kinds)


def count_neighbours(texts: Iterable[np.ndarray], special: np.ndarray) -> NeighbourCounts:
    """Count pieces, pairs and trigrams.

    Args:
        texts: `(n_i,)` ids each, with `[CLS]` in front and `[SEP]` at the end, which count as neighbours only.
        special: `(vocab_size,)` bool, pieces that are never hidden.
    """
    size = len(special)
    texts = [np.asarray(text, np.int64) for text in texts]
    triples = [np.stack([text[:-2], text[1:-1], text[2:]]) for text in texts if len(text) > 2]
    left, middle, right = np.concatenate(triples, axis=1) if triples else np.zeros((3, 0), np.int64)
    wanted = ~special[middle]
    left, middle, right = left[wanted], middle[wanted], right[wanted]
    frequency = np.where(special, 0.0, np.bincount(middle, minlength=size) + 1.0)  # add one (Laplace)
    keys, counts = np.unique((left * size + right) * size + middle, return_counts=True)
    return NeighbourCounts(
        frequency / frequency.sum(), _table(left, middle, size), _table(right, middle, size), keys, counts
    )


def _table(context: np.ndarray, piece: np.ndarray, size: int) -> sparse.csr_array:
    ones = np.ones(len(piece), np.int32)
    return sparse.coo_array((ones, (context, piece)), shape=(size, size)).tocsr()
