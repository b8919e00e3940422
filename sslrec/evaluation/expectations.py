"""A text as the words that a masked language model expects in it.

The states of such a model say which word fits where, and their mean says little about a text as a whole. What its head
makes of them does: at a word that is shown it is sure of most of it, and leaves the rest of its belief to what could
stand there as well, so that texts that say alike things in other words have words in common. The expectation at every
place, in one vector over the vocabulary, is what SPLADE builds on (Formal et al. 2021, arXiv:2107.05720), there trained
for search. Here it is the root of the mean distribution: dot products are Bhattacharyya coefficients of two texts
(Jebara et al. 2004, "Probability Product Kernels").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sslrec.evaluation.softmax import softmax

Logits = Callable[[Sequence[np.ndarray], np.ndarray], np.ndarray]
"""Ids of some texts, `(n_i,)` each, and `(texts, count)` places to `(texts, count, vocab_size)` float32."""


def expected_words(texts: Sequence[Sequence[np.ndarray]], logits: Logits) -> np.ndarray:
    """Texts as the words that a model expects at their pieces.

    Args:
        texts: the parts of each text, `(n_i,)` ids with `[CLS]` and `[SEP]` around one piece at least, as many as the
            model reads at once.
        logits: what the model says at some places.

    Returns:
        `(texts, vocab_size)` float32 of length 1.
    """
    rows = []
    for parts in texts:
        pieces = np.array([len(part) - 2 for part in parts])[:, None]
        places = np.arange(1, pieces.max() + 1, dtype=np.int32)[None]
        # What a shorter part lacks of the longest one's places, its last piece stands in for, and is not counted.
        found = logits(parts, np.minimum(places, pieces))[places <= pieces]
        rows.append(np.sqrt(softmax(found).mean(axis=0)))
    return np.array(rows, np.float32)
