"""Tables as Parquet, read a few rows at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sslrec.config import settings
from sslrec.data.catalogue import arrow
from sslrec.data.catalogue.encodings import readable
from sslrec.data.catalogue.sheets import BadRow, Origin, Sheet, SheetRow, unique_names
from sslrec.errors import CatalogueError

_BATCH = 128  # rows in memory at a time, with their pictures
_BATCH_BYTES = 32 << 20  # what their values take at most, but for a row alone: one stored once may be many rows'
_SMALL = 64 << 20  # bytes of a column that nobody fills a memory with


class ParquetSheet(Sheet):
    """A Parquet file.

    Args:
        origin: the file.

    Raises:
        CatalogueError: it is damaged, or unpacks to more than is allowed.
    """

    kind = "Parquet"

    def __init__(self, origin: Origin) -> None:
        super().__init__(origin)
        limits = settings()
        with self._open() as file:
            found = file.metadata
            chunks = [list(_chunks(file, group)) for group in range(found.num_row_groups)]
            rows = found.num_rows
            self.columns = unique_names(file.schema_arrow.names)
        whole = sum(size for group in chunks for size, _ in group)
        bounds = [(whole, limits.max_archive_unpacked)]
        for size, packed in (chunk for group in chunks for chunk in group if chunk[0] > _SMALL):
            bounds.append((size, packed * limits.max_archive_ratio))
        for size, limit in bounds:
            if size > limit:
                raise CatalogueError("table_unpacked", name=origin.name, size=size, limit=limit)
        largest = [max((size for size, _ in group), default=0) for group in chunks]
        self._steps = [max(1, min(_BATCH, _BATCH_BYTES // max(size, 1))) for size in largest]
        if not rows:
            raise CatalogueError("catalogue_empty", name=origin.name)
        self.count = rows

    def rows(self) -> Iterator[SheetRow | BadRow]:
        """Every row that is not empty."""
        line = 0
        with self._open() as file:
            fields = zip(self.columns, file.schema_arrow, strict=True)
            holds_bytes = [name for name, field in fields if _holds_bytes(field.type)]
            batches = (
                batch for group, step in enumerate(self._steps) for batch in file.iter_batches(step, row_groups=[group])
            )
            for batch in batches:
                for cells in _plainly(batch, self.columns).to_pylist():
                    line += 1
                    cells.update((name, readable(cells[name])) for name in holds_bytes)
                    full = {
                        name: value for name, value in cells.items() if value is not None and value not in ("", b"")
                    }
                    if full:
                        yield SheetRow(line, full)

    def _marks(self) -> Iterator[object]:
        return iter(range(self.count))

    @contextmanager
    def _open(self) -> Iterator[pq.ParquetFile]:
        """Open the file; what Arrow says about it while it is open becomes an error of ours."""
        data = self.origin.data
        try:
            # Arrow encodes a path's text as UTF-8, which not every name is.
            source = pa.BufferReader(data) if isinstance(data, bytes) else pa.OSFile(os.fsencode(data))
            with source, pq.ParquetFile(source) as file:
                yield file
        except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
            raise self._damaged(error) from error


def _chunks(file: pq.ParquetFile, group: int) -> Iterator[tuple[int, int]]:
    """How many bytes each column of a row group has, unpacked and packed."""
    found = file.metadata.row_group(group)
    for place in range(found.num_columns):
        column = found.column(place)
        yield max(column.total_uncompressed_size, 0), max(column.total_compressed_size, 1)


def _plainly(batch: pa.RecordBatch, names: Sequence[str]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([arrow.plainly(column) for column in batch.columns], list(names))


def _holds_bytes(kind: Any) -> bool:
    """Whether bytes are among a type's values, at any depth."""
    if pa.types.is_dictionary(kind):  # which has no fields
        return _holds_bytes(kind.value_type)
    parts = (kind.field(place).type for place in range(kind.num_fields))
    return arrow.is_bytes(kind) or pa.types.is_fixed_size_binary(kind) or any(map(_holds_bytes, parts))
