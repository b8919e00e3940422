"""Names of which half is said: queries for the rest of a product."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def half_names(names: Sequence[str], seed: int = 0) -> list[str]:
    """Half of each name's words, rounded up, drawn at random and left in their order."""
    random = np.random.default_rng(seed)
    halves = []
    for name in names:
        words = name.split()
        kept = sorted(random.choice(len(words), (len(words) + 1) // 2, replace=False)) if words else []
        halves.append(" ".join(words[place] for place in kept))
    return halves
