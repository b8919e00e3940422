"""From files to catalogues: the built-in one, the fashion products, anybody's Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from sslrec.data.catalogue import arrow
from sslrec.data.catalogue.columns import Columns, guess_columns
from sslrec.data.catalogue.fashion import load_fashion_products
from sslrec.data.catalogue.prices import LARGEST, parse_price
from sslrec.data.catalogue.table import SCHEMA, Catalogue
from sslrec.data.shops import BUILTIN, FASHION, FILE, KNOWN, builtin_path
from sslrec.errors import CatalogueError, DataError

pc: Any = pyarrow.compute  # its functions are made when it is imported, unseen by type checkers


def load_catalogue(name_or_path: str | Path) -> Catalogue:
    """Load a catalogue; pictures stay files until somebody asks for one.

    Args:
        name_or_path: `builtin`, `fashion_products` (from SSLREC_DATA), a Parquet file, or a folder with a
            `catalogue.parquet` in it.

    Returns:
        The catalogue; its `source` says what was read.

    Raises:
        DataError: the data set is not on this machine, or its file is damaged.
        CatalogueError: there is no such catalogue, or the table is none.
    """
    name = str(name_or_path)
    if name == FASHION:
        return load_fashion_products()
    if name == BUILTIN:
        path = builtin_path()
        if not path.is_file():
            raise CatalogueError("catalogue_unbuilt", path=str(path))
        return read_parquet(path, name)
    path = Path(name_or_path)
    if path.is_dir():
        path = path / FILE
    if not path.is_file():
        raise CatalogueError("catalogue_missing", name=name, known=", ".join(KNOWN))
    return read_parquet(path, path.parent.name if path.name == FILE else path.stem)


def read_parquet(path: Path, name: str, columns: Columns | None = None) -> Catalogue:
    """Read a Parquet file with a picture column, such as Hugging Face's data sets have.

    Args:
        path: the file.
        name: what to call the catalogue.
        columns: which column is what; by default guessed from their names.

    Raises:
        DataError: the file is no Parquet or is damaged.
        CatalogueError: what is in it is no catalogue.
    """
    try:
        # Not `pq.read_table`: it imports pandas. One thread: each takes memory of its own.
        with pq.ParquetFile(path) as file:
            table = file.read(use_threads=False)
        # What reading needed Arrow keeps for later.
        pa.default_memory_pool().release_unused()
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise DataError("data_damaged", name=name, path=str(path), reason=reason) from error
    if table.schema.names == SCHEMA.names and columns is None:
        return Catalogue(name, str(path), table)
    return Catalogue(name, str(path), as_catalogue(table, name, columns or guess_columns(table.column_names)))


def as_catalogue(table: pa.Table, name: str, columns: Columns) -> pa.Table:
    """Bring any table to the catalogue's form.

    Ids that are missing altogether become row numbers; prices may be numbers or texts such as `$1,299.00`; columns
    that have no place in a catalogue and hold plain values become attributes, beside those of a map `attributes`.

    Args:
        table: one product a row.
        name: what to call it in an error.
        columns: which column is what.

    Returns:
        A table in the form of `SCHEMA`, which still has to be validated.

    Raises:
        CatalogueError: there is neither a title nor a picture column, or the picture column holds no bytes.
    """
    if columns.title is None and columns.image is None:
        raise CatalogueError("catalogue_guess", name=name, found=", ".join(table.column_names))
    rows = table.num_rows
    titles = _texts(table, columns.title)
    arrays: dict[str, Any] = {
        "item_id": arrow.texts([str(row) for row in range(1, rows + 1)])
        if columns.item_id is None
        else _texts(table, columns.item_id),
        "title": pc.fill_null(pc.utf8_trim_whitespace(titles), arrow.scalar("")),
        "description": _texts(table, columns.description),
        "image": _pictures(table, columns.image, name),
        "category": _texts(table, columns.category),
        "price": _prices(table, columns.price),
        "attributes": _attributes(table, [column for column in table.column_names if column not in columns.used]),
    }
    fields = [pa.field(field.name, arrays[field.name].type, field.nullable) for field in SCHEMA]
    return pa.table([arrays[field.name] for field in fields], pa.schema(fields))


def _texts(table: pa.Table, column: str | None) -> Any:
    if column is None:
        return pa.nulls(table.num_rows, pa.string())
    values = table.column(column)
    try:
        return values.cast(pa.string())
    except pa.ArrowException:
        # Lists and structs have no text of their own in Arrow.
        return arrow.texts([None if value is None else str(value) for value in values.to_pylist()])


def _pictures(table: pa.Table, column: str | None, name: str) -> Any:
    if column is None:
        return pa.nulls(table.num_rows, pa.binary())
    values = table.column(column)
    if pa.types.is_struct(values.type) and values.type.get_field_index("bytes") >= 0:
        values = pc.struct_field(values, "bytes")
    kind = values.type
    if pa.types.is_null(kind):
        return values.cast(pa.binary())
    if not (pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind)):
        raise CatalogueError("catalogue_type", name=name, column=column, found=str(kind), wanted="binary")
    empty = arrow.to_sizes(values) == 0
    return pc.if_else(arrow.flags(~empty), values, arrow.null(kind)) if empty.any() else values


def _prices(table: pa.Table, column: str | None) -> Any:
    if column is None:
        return pa.nulls(table.num_rows, pa.float64())
    values = table.column(column)
    if pa.types.is_integer(values.type) or pa.types.is_floating(values.type) or pa.types.is_decimal(values.type):
        numbers = arrow.to_floats(values.cast(pa.float64()))
        return arrow.numbers(np.where((numbers >= 0) & (numbers <= LARGEST), numbers, np.nan))
    prices = [None if text is None else parse_price(text) for text in _texts(table, column).to_pylist()]
    return arrow.numbers(np.array([np.nan if price is None else price for price in prices], np.float64))


def _attributes(table: pa.Table, names: list[str]) -> Any:
    def is_plain(kind: pa.DataType) -> bool:
        return not (pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
                    or pa.types.is_binary_view(kind) or pa.types.is_null(kind))  # fmt: skip

    texts = {name: _texts(table, name).to_pylist() for name in names if is_plain(table.schema.field(name).type)}
    has_map = "attributes" in names and pa.types.is_map(table.schema.field("attributes").type)
    maps = table.column("attributes").to_pylist() if has_map else [None] * table.num_rows
    return arrow.maps(
        [(str(name), str(value)) for name, value in found or () if value not in (None, "")]
        + [(name, values[row]) for name, values in texts.items() if values[row] not in (None, "")]
        for row, found in enumerate(maps)
    )
