"""Queries made of held-out products: half of a name with a cropped picture, and a picture with another colour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

AT_LEAST = 5
"""A colour is asked for where so many held-out products have it."""
CROP = 0.5
"""Share of a picture's height and of its width that a cropped one shows: a quarter of it."""
NO_COLOUR = frozenset({"", "NA"})


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
