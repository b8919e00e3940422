"""The held-out part of a catalogue: chosen by name, so that no name is on both sides."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

import numpy as np


def is_held_out(name: str) -> bool:
    """Whether items of this name are for measuring only: never trained on, nor in any text corpus.

    A tenth of all names, by a checksum: `zlib.crc32(name.strip().lower().encode()) % 10 == 0`.
    """
    return zlib.crc32(name.strip().lower().encode()) % 10 == 0


def held_out(names: Iterable[str]) -> np.ndarray:
    """`is_held_out` of many names, as `(n,)` bool."""
    return np.fromiter((is_held_out(name) for name in names), bool)
