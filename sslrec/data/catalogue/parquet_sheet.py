"""Tables as Parquet, read a few rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

import pyarrow as pa
import pyarrow.parquet as pq

from sslrec.config import settings
from sslrec.data.catalogue.sheets import BadRow, Origin, Sheet, SheetRow
from sslrec.errors import CatalogueError

_BATCH = 128  # rows in memory at a time, with their pictures


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
        with self._open() as file:
            found = file.metadata
            size = sum(found.row_group(place).total_byte_size for place in range(found.num_row_groups))
            self._rows = found.num_rows
            self.columns = tuple(dict.fromkeys(file.schema_arrow.names))
        limit = settings().max_archive_unpacked
        if size > limit:
            raise CatalogueError("archive_unpacked", name=origin.name, size=size, limit=limit)
        if not self._rows:
            raise CatalogueError("catalogue_empty", name=origin.name)

    @cached_property
    def count(self) -> int:
        """How many rows there are, as the file says."""
        return self._rows

    def rows(self) -> Iterator[SheetRow | BadRow]:
        """Every row that is not empty."""
        line = 0
        with self._open() as file:
            for batch in file.iter_batches(_BATCH):
                for cells in batch.to_pylist():
                    line += 1
                    full = {
                        name: value for name, value in cells.items() if value is not None and value not in ("", b"")
                    }
                    if full:
                        yield SheetRow(line, full)

    @contextmanager
    def _open(self) -> Iterator[pq.ParquetFile]:
        """Open the file; what Arrow says about it while it is open becomes an error of ours."""
        data = self.origin.data
        try:
            with pq.ParquetFile(pa.BufferReader(data) if isinstance(data, bytes) else data) as file:
                yield file
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise CatalogueError("table_damaged", name=self.name, kind=self.kind, reason=reason) from error
