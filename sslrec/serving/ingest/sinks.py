"""Where finished products go: to memory, or to a folder on disk."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from sslrec.config import settings
from sslrec.data.catalogue import FILE, SCHEMA, Catalogue, arrow
from sslrec.data.catalogue.drafts import Draft
from sslrec.errors import CatalogueError
from sslrec.serving.catalogue_folder import ROWS, VECTORS, begin, finish, parquet_writer

BYTES = 8 << 20
"""Bytes of products that wait to be written together, at most; and `ROWS` of them."""


def as_table(drafts: Sequence[Draft], pictures: Sequence[bytes | None]) -> pa.Table:
    """Products and their picture files, in the form of `SCHEMA`."""
    prices = [np.nan if draft.price is None else draft.price for draft in drafts]
    columns = [
        arrow.texts([draft.item_id for draft in drafts]),
        arrow.texts([draft.title for draft in drafts]),
        arrow.texts([draft.description for draft in drafts]),
        arrow.blobs(pictures),
        arrow.texts([draft.category for draft in drafts]),
        arrow.numbers(np.array(prices, np.float64)),
        arrow.maps([draft.attributes for draft in drafts]),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


class MemorySink:
    """Products in memory, bounded by `SSLREC_MAX_VISITOR_BYTES`.

    Args:
        name: what the catalogue is called.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._tables: list[pa.Table] = []
        self._vectors: list[np.ndarray] = []
        self._bytes = 0

    def add(self, table: pa.Table, vectors: np.ndarray) -> None:
        """Take products.

        Raises:
            CatalogueError: they are too many bytes altogether.
        """
        self._bytes += table.nbytes + vectors.nbytes
        limit = settings().max_visitor_bytes
        if self._bytes > limit:
            raise CatalogueError("catalogue_memory", name=self._name, limit=limit)
        self._tables.append(table)
        self._vectors.append(vectors)

    def finish(self) -> tuple[Catalogue, np.ndarray]:
        """The products as a catalogue that is nowhere on disk, and their `(n, dim)` float32 vectors."""
        table = pa.concat_tables(self._tables).combine_chunks()
        return Catalogue(self._name, "", table), np.concatenate(self._vectors)

    def abort(self) -> None:
        """Forget all."""
        self._tables.clear()
        self._vectors.clear()


class FolderSink:
    """Products in a folder that takes its place when all are there, and not before.

    Args:
        folder: its place.
        dim: length of a vector.

    Raises:
        CatalogueError: the place is taken by other files.
    """

    def __init__(self, folder: Path, dim: int) -> None:
        self._folder, self._dim = folder, dim
        self._made = begin(folder)
        self._waiting: list[pa.Table] = []
        self._items = 0
        try:
            self._writer = parquet_writer(self._made / FILE)
            self._vectors = (self._made / VECTORS).open("wb")
            self._write_head()
        except BaseException:  # nobody has this object yet to call `abort`
            shutil.rmtree(self._made, ignore_errors=True)
            raise

    def add(self, table: pa.Table, vectors: np.ndarray) -> None:
        """Take products; some hundred wait to be written together."""
        self._waiting.append(table)
        self._items += len(vectors)
        self._vectors.write(vectors.astype("<f4").tobytes())
        if sum(map(len, self._waiting)) >= ROWS or sum(part.nbytes for part in self._waiting) >= BYTES:
            self._flush()

    def finish(self, about: dict[str, Any]) -> None:
        """Write what is left and move the folder to its place."""
        self._flush()
        self._writer.close()
        self._vectors.seek(0)
        self._write_head()
        self._vectors.close()
        finish(self._made, self._folder, {**about, "items": self._items})

    def abort(self) -> None:
        """Remove what is written."""
        with ExitStack() as left:
            left.callback(shutil.rmtree, self._made, ignore_errors=True)
            # Both have something left to write, for which there may be no room.
            for file in (self._writer, self._vectors):
                left.enter_context(suppress(OSError, pa.ArrowException))
                left.callback(file.close)

    def _flush(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.concat_tables(self._waiting))
            self._waiting.clear()

    def _write_head(self) -> None:
        # NumPy leaves room for a larger count of rows, so the head has the same length with every count.
        head = {"descr": "<f4", "fortran_order": False, "shape": (self._items, self._dim)}
        np.lib.format.write_array_header_1_0(self._vectors, head)
