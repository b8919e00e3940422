"""Queries for the fusion head, made from products alone: parts of their names and pictures, and exchanged words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import tensorflow as tf

from sslrec.data.folding import fold_symbols
from sslrec.data.half_names import half_names
from sslrec.data.products import Products
from sslrec.data.swaps import Edit, Swaps, normalised
from sslrec.data.tokens import TextTokenizer, pad
from sslrec.learning.augment_pictures import CLOSEUP, PictureAugmentation, augment_pictures
from sslrec.learning.tasks.fusion import FusionData
from sslrec.learning.tasks.multimodal import PACE, PIECES, Change

HALVES, CLOSEUPS, EDITS = 2, 1, 2
"""Parts of a name, close-ups of a picture and exchanges of words that are made of each product."""
TEMPLATES = ("in {new}", "in {new}", "in {new}", "{new}", "but in {new}", "{new} instead of {old}", "with {new}")
"""How people ask for an exchange; the plainest most often."""


class FrozenTowers(Protocol):
    """What encodes the queries: the towers in Keras, or as the app runs them."""

    def texts(self, token_ids: np.ndarray) -> np.ndarray:
        """`(n, length)` int32 padded pieces to `(n, dim)` float32 vectors of unit length."""
        ...

    def pictures(self, pictures: np.ndarray, change: Change = ...) -> np.ndarray:
        """`(n, height, width, 3)` uint8 pictures, or views of them, to `(n, dim)` float32 vectors of unit length."""
        ...


class Encoders:
    """Frozen towers with their tokenizer.

    Args:
        towers: the towers.
        tokenizer: of the texts.
    """

    def __init__(self, towers: FrozenTowers, tokenizer: TextTokenizer) -> None:
        self.pictures = towers.pictures
        self.pieces, self._tokenizer = towers.texts, tokenizer

    def texts(self, lines: Sequence[str]) -> np.ndarray:
        """`(n, dim)` vectors of `n` lines; each different line is encoded once."""
        different, places = np.unique(np.array(lines, object).astype(str), return_inverse=True)
        rows = [self._tokenizer.encode(fold_symbols(line), PIECES + 3).ids for line in different]
        # Lines of a length side by side spare padding.
        order = np.argsort([len(row) for row in rows], kind="stable")
        vectors = [
            self.pieces(pad([rows[index] for index in order[start : start + PACE]], self._tokenizer.pad_id)[0])
            for start in range(0, len(order), PACE)
        ]
        return np.concatenate(vectors)[np.argsort(order)][places]


def make_fusion_data(products: Products, swaps: Swaps, encoders: Encoders, seed: int) -> FusionData:
    """Encode products and the queries that are made of them.

    Args:
        products: what the queries mean.
        swaps: which words can be exchanged.
        encoders: the frozen towers.
        seed: decides the parts and the exchanges.
    """
    random = np.random.default_rng(seed)
    parts = [half_names(products.titles, HALVES * seed + turn) for turn in range(HALVES)]
    edits = [_padded(swaps.edits(title, EDITS, random), title) for title in products.titles]
    wishes = [[_wish(edit, random) for edit in row] for row in edits]
    names = [normalised(title) for title in products.titles]
    numbers = dict(zip(names, map(int, products.groups), strict=True))
    # Names that no product has get numbers of their own.
    for name in sorted({edit.name for row in edits for edit in row} - numbers.keys()):
        numbers[name] = len(numbers) + int(products.groups.max()) + 1

    def encoded(rows: Sequence[Sequence[str]]) -> np.ndarray:
        flat = encoders.texts([line for row in rows for line in row])
        return flat.reshape(len(rows), len(rows[0]), -1)

    def views(ranges: PictureAugmentation, salt: int) -> Change:
        return lambda part, start: augment_pictures(part, tf.constant([seed + salt, start], tf.int32), ranges)

    pictures = [encoders.pictures(products.pictures)]
    pictures += [encoders.pictures(products.pictures, views(CLOSEUP, salt)) for salt in range(CLOSEUPS)]
    whole = (encoders.pieces(products.token_ids) if products.described else encoders.texts(names))[:, None]
    return FusionData(
        np.concatenate([whole, encoded(list(zip(*parts, strict=True)))], axis=1),
        np.stack(pictures, axis=1),
        products.groups.astype(np.int32),
        encoded(wishes),
        encoded([[edit.name for edit in row] for row in edits]),
        np.array([[numbers[edit.name] for edit in row] for row in edits], np.int32),
    )


def _padded(edits: list[Edit], title: str) -> list[Edit]:
    """`EDITS` of them, some twice; a name that allows none stands for itself."""
    edits = edits or [Edit("", "", normalised(title))]
    return (edits * EDITS)[:EDITS]


def _wish(edit: Edit, random: np.random.Generator) -> str:
    return TEMPLATES[random.integers(len(TEMPLATES))].format(old=edit.old, new=edit.new) if edit.new else edit.name
