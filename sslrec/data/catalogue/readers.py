"""From files to catalogues: the built-in one, the fashion products, anybody's Parquet."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from sslrec.data.catalogue import arrow
from sslrec.data.catalogue.columns import Columns, guess_columns
from sslrec.data.catalogue.encodings import readable
from sslrec.data.catalogue.fashion import load_fashion_products
from sslrec.data.catalogue.prices import LARGEST
from sslrec.data.catalogue.sheets import encodable, unique_names
from sslrec.data.catalogue.table import SCHEMA, Catalogue, first_unlike
from sslrec.data.catalogue.values import price_of, text, unfold
from sslrec.data.shops import BUILTIN, FASHION, FILE, KNOWN, builtin_path
from sslrec.errors import CatalogueError, DataError

_MAGIC = b"PAR1"
_CONTROLS = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"  # what commands a terminal; tabs and ends of lines may stay
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
        CatalogueError: there is no such catalogue, its path is not UTF-8 (`catalogue_path`), the file is no Parquet
            (`catalogue_format`), or the table is none.
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
    if not _is_parquet(path):
        raise CatalogueError("catalogue_format", name=str(path))
    # Resolved, for the folder may be the one that the process stands in.
    return read_parquet(path, encodable(path.parent.resolve().name if path.name == FILE else path.stem))


def read_parquet(path: Path, name: str, columns: Columns | None = None) -> Catalogue:
    """Read a Parquet file with a picture column, such as Hugging Face's data sets have.

    Args:
        path: the file.
        name: what to call the catalogue.
        columns: which column is what; by default guessed from their names.

    Raises:
        DataError: the file is no Parquet or is damaged.
        CatalogueError: what is in it is no catalogue, or Arrow cannot be told its path (`catalogue_path`).
    """
    if encodable(str(path)) != str(path):
        raise CatalogueError("catalogue_path", name=str(path))
    try:
        # Not `pq.read_table`: it imports pandas. One thread: each takes memory of its own.
        with pq.ParquetFile(path) as file:
            table = file.read(use_threads=False)
        # What reading needed Arrow keeps for later.
        pa.default_memory_pool().release_unused()
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise DataError("data_damaged", name=name, path=str(path), reason=reason) from error
    table = table.rename_columns(list(unique_names(table.column_names)))
    if columns is not None or not _is_catalogue(table):
        table = as_catalogue(table, name, columns or guess_columns(table.column_names))
    try:
        # What was written as text may be none, which Arrow finds out no sooner.
        table.drop_columns("image").validate(full=True)
    except pa.ArrowException as error:
        raise DataError("data_damaged", name=name, path=str(path), reason=str(error).splitlines()[0]) from error
    return Catalogue(name, str(path), table)


def as_catalogue(table: pa.Table, name: str, columns: Columns) -> pa.Table:
    """Bring any table to the catalogue's form.

    Ids that are missing altogether become row numbers; prices may be numbers or texts such as `$1,299.00`; of a list of
    pictures the first one counts. Columns that have no place in a catalogue and hold plain values become attributes,
    beside what a map, an object or a list of pairs `attributes` holds.

    Args:
        table: one product a row.
        name: what to call it in an error.
        columns: which column is what; of columns of one name the second is called `name (2)`, and so on.

    Returns:
        A table in the form of `SCHEMA`, which still has to be validated.

    Raises:
        CatalogueError: there is neither a title nor a picture column, a column is not there, or the picture column
            holds no bytes.
    """
    table = table.rename_columns(list(unique_names(table.column_names)))
    known = ", ".join(table.column_names)
    if not columns.show_products:
        raise CatalogueError("catalogue_guess", name=name, found=known)
    for column in sorted(columns.used - set(table.column_names)):
        raise CatalogueError("table_column", name=name, column=column, known=known)
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


def _is_parquet(path: Path) -> bool:
    """Whether a file begins as Parquet does; of one that cannot be read, the reader itself tells why."""
    with suppress(OSError), path.open("rb") as stream:
        return stream.read(len(_MAGIC)) == _MAGIC
    return True


def _is_catalogue(table: pa.Table) -> bool:
    """Whether a table is a catalogue as it is: all types are `SCHEMA`'s, and no price, picture or attribute is none."""
    if table.schema.names != SCHEMA.names or first_unlike(table.schema) is not None:
        return False
    prices, pictures = table.column("price"), table.column("image")
    are_prices = _are_prices(arrow.to_floats(prices)) | arrow.to_flags(prices.is_null())
    attributes_are_full = not any(chunk.items.null_count for chunk in table.column("attributes").chunks)
    return bool(attributes_are_full and are_prices.all() and arrow.to_sizes(pictures).all())


def _are_prices(numbers: np.ndarray) -> np.ndarray:
    return (numbers >= 0) & (numbers <= LARGEST)


def _texts(table: pa.Table, column: str | None) -> Any:
    if column is None:
        return pa.nulls(table.num_rows, pa.string())
    return pc.replace_substring_regex(_raw_texts(arrow.plainly(table.column(column))), _CONTROLS, "")


def _raw_texts(values: Any) -> Any:
    if arrow.is_bytes(values.type):
        # One by one: a column of pictures is none of texts, and takes room.
        found = (readable(value.as_py()) for value in values)
        return arrow.texts([value if isinstance(value, str) else None for value in found])
    if not (pa.types.is_nested(values.type) or pa.types.is_floating(values.type)):
        with suppress(pa.ArrowException):
            return values.cast(pa.string())
    # Lists have no text of their own in Arrow, and the number of an article that it takes for a float has an exponent.
    return arrow.texts([text(value) or None for value in values.to_pylist()])


def _pictures(table: pa.Table, column: str | None, name: str) -> Any:
    if column is None:
        return pa.nulls(table.num_rows, pa.binary())
    given = table.column(column)
    chunks = [_picture_bytes(chunk) for chunk in given.chunks]
    kind = chunks[0].type if chunks else pa.binary()
    if not arrow.is_bytes(kind):
        raise CatalogueError("catalogue_type", name=name, column=column, found=str(given.type), wanted="binary")
    values = pa.chunked_array(chunks, kind)
    empty = arrow.to_sizes(values) == 0
    return pc.if_else(arrow.flags(~empty), values, arrow.null(kind)) if empty.any() else values


def _picture_bytes(values: pa.Array) -> pa.Array:
    """Of an object its `bytes`, of a list the first that has some; anything else as it is."""
    kind = values.type
    if pa.types.is_null(kind):
        return pa.nulls(len(values), pa.binary())
    if pa.types.is_struct(kind) and kind.get_field_index("bytes") >= 0:
        return _picture_bytes(pc.struct_field(values, "bytes"))
    if not arrow.is_list(kind):
        return values
    parts = _picture_bytes(values.flatten())
    return arrow.first_full(values, parts) if arrow.is_bytes(parts.type) else parts


def _prices(table: pa.Table, column: str | None) -> Any:
    if column is None:
        return pa.nulls(table.num_rows, pa.float64())
    values = arrow.plainly(table.column(column))
    if pa.types.is_integer(values.type) or pa.types.is_floating(values.type) or pa.types.is_decimal(values.type):
        # A number that float64 cannot hold to the last digit is too large for a price anyway.
        numbers = arrow.to_floats(values.cast(pa.float64(), safe=False))
        return arrow.numbers(np.where(_are_prices(numbers), numbers, np.nan))
    prices = [price_of(readable(value)) for value in values.to_pylist()]
    return arrow.numbers(np.array([np.nan if price is None else price for price in prices], np.float64))


def _attributes(table: pa.Table, names: list[str]) -> Any:
    kinds = {name: table.schema.field(name).type for name in names}
    texts = {
        name: _texts(table, name).to_pylist()
        for name, kind in kinds.items()
        if not (pa.types.is_nested(kind) or pa.types.is_null(kind))
    }
    is_unfolded = "attributes" in kinds and pa.types.is_nested(kinds["attributes"])
    objects = arrow.plainly(table.column("attributes")).to_pylist() if is_unfolded else [None] * table.num_rows
    return arrow.maps(
        [*(unfold(readable(one)) or ()), *((name, values[row]) for name, values in texts.items() if values[row])]
        for row, one in enumerate(objects)
    )
