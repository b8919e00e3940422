"""The words of somebody's catalogue that are worth asking for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

_WORD = re.compile(r"[^\W\d_]{3,}")
_IDLE = frozenset(
    (
        "and", "the", "for", "with", "from", "set", "pack", "new", "women", "womens", "men", "mens", "girls", "boys",
        "kids", "unisex", "size", "pcs", "piece", "pieces", "its", "this", "that", "your", "all", "one", "two", "our",
        "are", "free", "style", "model",
    )
)  # fmt: skip
LOOKED_AT = 5_000
"""Titles that are read, at most."""
COMMON, RARE = 0.6, 3
"""A word in a larger share of the titles tells nothing, and one in fewer of them finds nothing."""


def frequent_phrases(titles: Sequence[str], is_known: Callable[[str], bool], count: int) -> list[str]:
    """Two words that often stand side by side in titles, else single ones, the most frequent first.

    Args:
        titles: of the products.
        is_known: whether the text model knows a word.
        count: how many are wanted.

    Returns:
        Phrases that have no word in common; fewer than wanted where there are no more.
    """
    rows = [_words(title) for title in titles[:LOOKED_AT]]
    most = max(RARE, int(COMMON * len(rows)))
    singles = Counter(word for row in rows for word in set(row) if word not in _IDLE)
    pairs = Counter(pair for row in rows for pair in set(pairwise(row)) if not _IDLE & set(pair))
    found: list[str] = []
    taken: set[str] = set()
    for words, number in [*pairs.most_common(200), *(((word,), n) for word, n in singles.most_common(200))]:
        if len(found) == count:
            break
        is_new = len(set(words)) == len(words) and not taken & set(words)
        if RARE <= number <= most and is_new and all(map(is_known, words)):
            found.append(" ".join(words))
            taken |= set(words)
    return found


def frequent_colour(titles: Sequence[str], colours: Sequence[str], but: str) -> str | None:
    """The colour that most titles name, less those that one title names itself.

    Args:
        titles: of the products.
        colours: the words that are colours.
        but: the title of the product that is to be asked for in another colour; it has to name one.

    Returns:
        The colour; None where there is none, or too few products have one.
    """
    own = set(_words(but)) & set(colours)
    named = Counter(word for title in titles[:LOOKED_AT] for word in set(_words(title)) if word in colours)
    best = next(((word, number) for word, number in named.most_common() if word not in own), None)
    return best[0] if own and best and best[1] >= RARE else None


def _words(title: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(title)]
