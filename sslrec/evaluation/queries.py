"""Queries made of held-out products: a word of their names, a cropped picture, a picture with another colour."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

AT_LEAST = 5
"""A colour is asked for where so many held-out products have it."""
CROP = 0.5
"""Share of a picture's height and of its width that a cropped one shows: a quarter of it."""
NO_COLOUR = frozenset({"", "NA"})
FEWEST, MOST = 10, 0.5
"""A word is asked for where at least so many names have it, and at most this share of all."""


@dataclass(frozen=True)
class Composed:
    """Queries "this, but in another colour".

    Attributes:
        items: `(q,)` int64, the item whose picture is shown.
        colours: the colour asked for, in lower case.
        relevant: `(q, n)` bool, items of the same gender and type in that colour.
    """

    items: np.ndarray
    colours: tuple[str, ...]
    relevant: np.ndarray

    @property
    def texts(self) -> list[str]:
        """What is asked beside the picture."""
        return [f"in {colour}" for colour in self.colours]


def composed_queries(
    genders: Sequence[str], types: Sequence[str], colours: Sequence[str], seed: int = 0, at_least: int = AT_LEAST
) -> Composed:
    """One query for each item that can be had in another colour.

    Args:
        genders: of the `n` items.
        types: their article types.
        colours: their base colours.
        seed: draws each item's other colour, in the order of the items.
        at_least: how many items of the same gender and type must have that colour.
    """
    rows: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row, (gender, kind, colour) in enumerate(zip(genders, types, colours, strict=True)):
        rows[gender, kind][colour].append(row)
    random = np.random.default_rng(seed)
    items, wanted, relevant = [], [], []
    for row, (gender, kind, colour) in enumerate(zip(genders, types, colours, strict=True)):
        kin = rows[gender, kind]
        others = [
            other for other in sorted(kin) if other != colour and other not in NO_COLOUR and len(kin[other]) >= at_least
        ]
        if others:
            other = others[random.integers(len(others))]
            right = np.zeros(len(colours), bool)
            right[kin[other]] = True
            items.append(row)
            wanted.append(other.lower())
            relevant.append(right)
    shape = (len(items), len(colours))
    return Composed(np.array(items, np.int64), tuple(wanted), np.array(relevant, bool).reshape(shape))


@dataclass(frozen=True)
class Words:
    """Queries of a single word.

    Attributes:
        texts: the words, in lower case.
        relevant: `(q, n)` bool, items whose name has the word.
    """

    texts: tuple[str, ...]
    relevant: np.ndarray


def word_queries(names: Sequence[str]) -> Words:
    """Every word of three letters or more that at least `FEWEST` of some names have, and no function word.

    Args:
        names: of the `n` items.
    """
    words = [set(re.findall(r"[a-z]{3,}", name.lower())) for name in names]
    counts = Counter(word for own in words for word in own)
    asked = sorted(
        word
        for word, count in counts.items()
        if FEWEST <= count <= MOST * len(names) and word not in ENGLISH_STOP_WORDS
    )
    relevant = np.array([[word in own for own in words] for word in asked], bool)
    return Words(tuple(asked), relevant.reshape(len(asked), len(names)))


def cropped(pictures: np.ndarray, seed: int = 0, share: float = CROP) -> np.ndarray:
    """A part of each picture at a random place, brought to the whole's size.

    Args:
        pictures: `(n, height, width, 3)` uint8.
        seed: draws the places.
        share: of height and of width that the part has.

    Returns:
        The same shape, uint8.
    """
    random = np.random.default_rng(seed)
    height, width = pictures.shape[1:3]
    tall, wide = round(height * share), round(width * share)
    tops = random.integers(height - tall + 1, size=len(pictures))
    lefts = random.integers(width - wide + 1, size=len(pictures))
    parts = np.empty_like(pictures)
    for place, (picture, top, left) in enumerate(zip(pictures, tops, lefts, strict=True)):
        part = Image.fromarray(picture[top : top + tall, left : left + wide])
        parts[place] = np.asarray(part.resize((width, height), Image.Resampling.BICUBIC))
    return parts
