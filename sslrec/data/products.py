"""Products as training examples: pictures and names, nothing else of a catalogue."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sslrec.data.catalogue import Catalogue
from sslrec.data.swaps import normalised
from sslrec.data.tokens import TextTokenizer, pad

VALIDATION_SHARE = 40
"""One of so many names validates; it is another part than the held-out one, which only measures."""


@dataclass(frozen=True, eq=False)
class Products:
    """Pairs of picture and name.

    Attributes:
        pictures: `(n, height, width, 3)` uint8 RGB, letterboxed on white.
        token_ids: `(n, length)` int32, padded.
        titles: the names.
        groups: `(n,)` int32, equal where the names are, whatever their letters' case.
        shown: `(n,)` bool, whether a page may show the picture.
    """

    pictures: np.ndarray
    token_ids: np.ndarray
    titles: tuple[str, ...]
    groups: np.ndarray
    shown: np.ndarray

    def __len__(self) -> int:
        return len(self.titles)

    def part(self, rows: np.ndarray) -> Products:
        """The products of some rows, `(k,)` integers or `(n,)` bool."""
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows
        titles = tuple(self.titles[row] for row in rows)
        return Products(self.pictures[rows], self.token_ids[rows], titles, self.groups[rows], self.shown[rows])


def is_validation(name: str) -> bool:
    """Whether items of this name validate: a fixed part of the names that are not held out."""
    return zlib.crc32(name.strip().lower().encode()) // 10 % VALIDATION_SHARE == 1


def load_products(
    catalogues: Sequence[Catalogue], tokenizer: TextTokenizer, height: int, width: int
) -> tuple[Products, Products]:
    """Read what a recommender learns from; held-out items are left out, and so are those without picture or name.

    Args:
        catalogues: what to read.
        tokenizer: turns names into pieces.
        height: of the pictures, in pixels.
        width: of the pictures, in pixels.

    Returns:
        The training and the validation part; no name is in both.

    Raises:
        ImageError: a picture cannot be read.
    """
    pictures, titles, shown = [], [], []
    for catalogue in catalogues:
        names = catalogue.titles
        named = np.array([bool(name.strip()) for name in names])
        rows = np.flatnonzero(named & catalogue.pictured & ~catalogue.held_out)
        pictures.append(catalogue.pictures(rows, height, width))
        titles += [names[row] for row in rows]
        shown.append(catalogue.shown[rows])
    _, groups = np.unique([normalised(title) for title in titles], return_inverse=True)
    token_ids, _ = pad([tokenizer.encode(title).ids for title in titles], tokenizer.pad_id)
    whole = Products(np.concatenate(pictures), token_ids, tuple(titles), groups.astype(np.int32), np.concatenate(shown))
    validation = np.array([is_validation(title) for title in titles])
    return whole.part(~validation), whole.part(validation)


def hash_of(products: Products) -> str:
    """Hex SHA-256 of names and pictures."""
    digest = hashlib.sha256("\n".join(products.titles).encode())
    digest.update(products.pictures.tobytes())
    return digest.hexdigest()
