"""Texts of any length in rows of one length, several to a row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

ROW = 128
"""Pieces of a row that the language model learns from; of places beyond it has learned nothing."""
OPEN_ROWS = 32
"""Rows that are looked through for a place; more would fill them hardly better."""


@dataclass(frozen=True)
class Packed:
    """Rows of pieces.

    Attributes:
        token_ids: `(rows, length)` int32.
        texts: `(rows, length)` uint8, which text of its row a piece belongs to, from 1; 0 is padding.
        positions: `(rows, length)` int32, each piece's place in its text.
    """

    token_ids: np.ndarray
    texts: np.ndarray
    positions: np.ndarray


def chunks(ids: np.ndarray, limit: int, continues: np.ndarray) -> list[np.ndarray]:
    """Cut a text into parts of at most `limit` pieces, between words where a word is not longer than that.

    Args:
        ids: `(n,)` integers.
        limit: pieces of a part at most.
        continues: `(vocab_size,)` bool, pieces that go on with a word.
    """
    parts, start = [], 0
    while len(ids) - start > limit:
        cut = start + limit
        while cut > start and continues[ids[cut]]:
            cut -= 1
        cut = cut if cut > start else start + limit
        parts.append(ids[start:cut])
        start = cut
    return [*parts, ids[start:]] if len(ids) > start else parts


def pack(
    lines: Iterable[np.ndarray], length: int, start_id: int, end_id: int, pad_id: int, continues: np.ndarray, seed: int
) -> Packed:
    """Put texts into rows, first fit in random order.

    Each text, or part of a long one, gets `[CLS]` in front and `[SEP]` at its end. A model that lets pieces see
    only those of their own text and counts positions by text reads a row as it would read each text alone.

    Args:
        lines: `(n_i,)` integers each, without special pieces; empty ones are left out.
        length: of a row, at least 3.
        start_id: the id of `[CLS]`.
        end_id: the id of `[SEP]`.
        pad_id: the id of `[PAD]`.
        continues: `(vocab_size,)` bool, see `chunks`.
        seed: decides the order.
    """
    parts = [part for ids in lines for part in chunks(ids, length - 2, continues)]
    rows: list[list[np.ndarray]] = []
    room: list[int] = []
    open_rows: list[int] = []
    for index in np.random.default_rng(seed).permutation(len(parts)):
        part = parts[index]
        need = len(part) + 2
        place = next((row for row in open_rows if room[row] >= need), None)
        if place is None:
            place = len(rows)
            rows.append([])
            room.append(length)
            open_rows.append(place)
            if len(open_rows) > OPEN_ROWS:
                open_rows.remove(min(open_rows, key=lambda row: room[row]))
        rows[place].append(part)
        room[place] -= need
    packed = Packed(
        np.full((len(rows), length), pad_id, np.int32),
        np.zeros((len(rows), length), np.uint8),
        np.zeros((len(rows), length), np.int32),
    )
    for row, texts in enumerate(rows):
        at = 0
        for number, part in enumerate(texts, 1):
            to = at + len(part) + 2
            packed.token_ids[row, at:to] = [start_id, *part, end_id]
            packed.texts[row, at:to] = number
            packed.positions[row, at:to] = np.arange(to - at)
            at = to
    return packed
