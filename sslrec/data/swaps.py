"""Words that stand for each other in otherwise equal names: "Puma Men Black Cap" and "Puma Men Red Cap".

No list of colours or brands is given; that `black` and `red` are of one kind follows from the names alone. Such
swaps are what composed queries ("this, but in red") are learned from without any label.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

CONTEXT = 2
"""Words that two names must share around the phrase in which they differ."""
FIXED = 0.5
"""Share of a word's places that a phrase must hold to be one: `navy blue` of `navy`, but not `men black` of `men`."""
CROWDED = 40
"""A frame that so many phrases fit in says nothing about their kinship."""


@dataclass(frozen=True)
class Edit:
    """One name with a phrase exchanged.

    Attributes:
        old: the phrase that was there.
        new: the phrase in its place.
        name: the whole new name.
    """

    old: str
    new: str
    name: str


@dataclass(frozen=True)
class Swaps:
    """Which phrases stand for each other.

    Attributes:
        partners: for each phrase those that took its place in at least the wanted number of names, with that number.
    """

    partners: Mapping[str, Mapping[str, int]]

    def phrases(self, name: str) -> list[str]:
        """The phrases of a name that can be exchanged, the longest where they overlap."""
        words = normalised(name).split()
        found, taken = [], set()
        for length in (2, 1):
            for start in range(len(words) - length + 1):
                place = set(range(start, start + length))
                phrase = " ".join(words[start : start + length])
                if phrase in self.partners and not place & taken:
                    found.append(phrase)
                    taken |= place
        return found

    def edits(self, name: str, count: int, random: np.random.Generator) -> list[Edit]:
        """Draw exchanges in a name.

        Args:
            name: any; it is brought to lower case.
            count: how many, at most.
            random: draws them. The phrase with the most partners goes most often, for it is of the kind that
                varies most freely (a colour, as a rule), and its frequent partners come more often.

        Returns:
            Different edits; fewer than `count` where the name allows no more.
        """
        plain = normalised(name)
        phrases = self.phrases(name)
        if not phrases:
            return []
        weights = np.cumsum([sum(self.partners[phrase].values()) for phrase in phrases])
        found: dict[tuple[str, str], Edit] = {}
        for place, partner in random.random((4 * count, 2)):
            old = phrases[int(np.searchsorted(weights, place * weights[-1], side="right"))]
            others, ends = self._ends[old]
            new = others[int(np.searchsorted(ends, partner * ends[-1], side="right"))]
            found.setdefault((old, new), Edit(old, new, _exchange(plain, old, new)))
            if len(found) == count:
                break
        return list(found.values())

    @cached_property
    def _ends(self) -> dict[str, tuple[list[str], np.ndarray]]:
        """The partners of each phrase and where each one's share of the draws ends."""
        return {
            phrase: (list(others), np.cumsum(np.sqrt(list(others.values()))))
            for phrase, others in self.partners.items()
        }


def normalised(name: str) -> str:
    """Lower case, single blanks."""
    return " ".join(name.lower().split())


def find_swaps(names: Iterable[str], at_least: int = 5) -> Swaps:
    """Find the phrases that stand for each other.

    Args:
        names: of products; each different one counts once.
        at_least: in how many frames two phrases must have been seen in each other's place.
    """
    plain = [name.split() for name in sorted({normalised(name) for name in names})]
    seen_words = Counter(word for words in plain for word in words)
    pairs = Counter(pair for words in plain for pair in pairwise(words))
    fixed = {pair for pair, seen in pairs.items() if seen >= FIXED * min(seen_words[word] for word in pair)}
    frames: dict[tuple[str, str], set[str]] = defaultdict(set)
    for words in plain:
        places = [(start, start + 1) for start in range(len(words))]
        places += [(start, start + 2) for start, pair in enumerate(pairwise(words)) if pair in fixed]
        for start, end in places:
            before, after = words[:start], words[end:]
            if len(before) + len(after) >= CONTEXT:
                frames[" ".join(before), " ".join(after)].add(" ".join(words[start:end]))
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for phrases in frames.values():
        if 1 < len(phrases) <= CROWDED:
            _count(sorted(phrases), counts)
    kept = {
        phrase: {other: seen for other, seen in sorted(others.items()) if seen >= at_least}
        for phrase, others in sorted(counts.items())
    }
    return Swaps({phrase: others for phrase, others in kept.items() if others})


def _count(phrases: Sequence[str], counts: dict[str, Counter[str]]) -> None:
    for phrase in phrases:
        own = set(phrase.split())
        for other in phrases:
            # `navy blue` for `navy` is an addition, not an exchange.
            if not own & set(other.split()):
                counts[phrase][other] += 1


def _exchange(name: str, old: str, new: str) -> str:
    words, gone, put = name.split(), old.split(), new.split()
    for start in range(len(words) - len(gone) + 1):
        if words[start : start + len(gone)] == gone:
            return " ".join([*words[:start], *put, *words[start + len(gone) :]])
    raise ValueError(f"'{name}' has no '{old}'")
