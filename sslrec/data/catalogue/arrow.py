"""Arrow columns from and to Python's and NumPy's values, by way of their buffers.

Arrow's own conversions (`pa.array`, `pa.scalar`, `to_numpy`, and every function of `pyarrow.compute` that is given a
plain value) import pandas where it is installed, which takes 40 MB; the pages have no use for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

pc: Any = pyarrow.compute  # its functions are made when it is imported, unseen by type checkers
_VIEW = np.dtype([("length", "<i4"), ("rest", "<i4", 3)])


def texts(values: Sequence[str | None]) -> pa.Array:
    """An Arrow array of strings, null where a value is None."""
    encoded = [b"" if value is None else value.encode() for value in values]
    return _sequences(pa.string(), encoded, [value is not None for value in values])


def blobs(values: Sequence[bytes | None]) -> pa.Array:
    """An Arrow array of bytes, null where a value is None."""
    return _sequences(pa.binary(), [value or b"" for value in values], [value is not None for value in values])


def numbers(values: np.ndarray) -> pa.Array:
    """An Arrow array of `(n,)` numbers of the same type; of floats, NaN becomes null."""
    values = np.ascontiguousarray(values)
    valid = ~np.isnan(values) if values.dtype.kind == "f" else np.ones(len(values), bool)
    kind = pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(kind, len(values), [_validity(valid), pa.py_buffer(values)], int((~valid).sum()))


def flags(values: np.ndarray) -> pa.Array:
    """An Arrow array of `(n,)` bool."""
    return pa.Array.from_buffers(pa.bool_(), len(values), [None, pa.py_buffer(np.packbits(values, bitorder="little"))])


def maps(rows: Iterable[Sequence[tuple[str, str]]]) -> pa.Array:
    """An Arrow array of maps from text to text, from each row's pairs."""
    offsets, keys, items = [0], [], []
    for pairs in rows:
        keys += [key for key, _ in pairs]
        items += [item for _, item in pairs]
        offsets.append(len(keys))
    return pa.MapArray.from_arrays(numbers(np.array(offsets, np.int32)), texts(keys), texts(items))


def null(kind: pa.DataType) -> Any:
    """The missing value of a type, as an Arrow scalar."""
    return pa.nulls(1, kind)[0]


def scalar(value: str) -> Any:
    """A text as an Arrow scalar."""
    return texts([value])[0]


def to_floats(column: Any) -> np.ndarray:
    """A float64 column as `(n,)` float64, NaN where it is null."""
    return _joined([np.where(_valid(chunk), _values(chunk, np.float64), np.nan) for chunk in _chunks(column)], float)


def to_integers(column: Any) -> np.ndarray:
    """An int32 column as `(n,)` int32, -1 where it is null."""
    return _joined([np.where(_valid(chunk), _values(chunk, np.int32), -1) for chunk in _chunks(column)], np.int32)


def to_flags(column: Any) -> np.ndarray:
    """A bool column as `(n,)` bool, False where it is null."""
    return _joined([_valid(chunk) & _bits(chunk, chunk.buffers()[1]) for chunk in _chunks(column)], bool)


def to_sizes(column: Any) -> np.ndarray:
    """How many bytes each value of a column of bytes has, `(n,)` int64, -1 where it is null; no value is read."""
    return _joined([np.where(_valid(chunk), _sizes(chunk), -1) for chunk in _chunks(column)], np.int64)


def is_bytes(kind: pa.DataType) -> bool:
    """Whether a type is that of bytes, whatever their length."""
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind)


def is_list(kind: pa.DataType) -> bool:
    """Whether a type is that of lists."""
    return pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)


def first_full(lists: pa.Array, values: pa.Array) -> pa.Array:
    """Of each list the first value that is neither null nor empty, else null.

    Args:
        lists: `n` lists.
        values: bytes, one for each of `lists.flatten()`.
    """
    full = np.flatnonzero(to_sizes(values) > 0)
    parents = np.frombuffer(pc.list_parent_indices(lists).cast(pa.int64()).buffers()[1], np.int64)
    rows, first = np.unique(parents[full], return_index=True)
    places = np.full(len(lists), np.nan)
    places[rows] = full[first]
    return values.take(numbers(places).cast(pa.int64()))


def plainly(column: Any) -> Any:
    """A column whose values Python has: dates and times as texts, floats of single precision as they are written.

    Python's own dates are of fewer years, and for Arrow's nanoseconds pandas is imported. The float32 of 12.99 is
    12.99 again, and not 12.989999771118164.
    """
    if pa.types.is_float32(column.type) or pa.types.is_float16(column.type):
        return column.cast(pa.string()).cast(pa.float64())
    kind = _textual(column.type)
    try:
        return column if kind.equals(column.type) else column.cast(kind)
    except pa.ArrowException:  # such as of an unknown time zone
        return pa.nulls(len(column))


def _textual(kind: Any) -> Any:
    """A type with text in place of dates and times."""
    if pa.types.is_temporal(kind):
        return pa.string()
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_textual(field.type)) for field in kind])
    if pa.types.is_map(kind):
        return pa.map_(kind.key_field, kind.item_field.with_type(_textual(kind.item_type)))
    if is_list(kind):
        inner, made = _textual(kind.value_type), pa.large_list if pa.types.is_large_list(kind) else pa.list_
        return kind if inner.equals(kind.value_type) else made(kind.value_field.with_type(inner))
    return kind


def _sequences(kind: pa.DataType, values: Sequence[bytes], present: Sequence[bool]) -> pa.Array:
    offsets = np.zeros(len(values) + 1, np.int64)
    np.cumsum([len(value) for value in values], out=offsets[1:])
    if offsets[-1] > np.iinfo(np.int32).max:
        raise pa.ArrowCapacityError("the values of a column take more than 2 GiB")
    valid = np.array(present, bool)
    buffers = [_validity(valid), pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(b"".join(values))]
    return pa.Array.from_buffers(kind, len(values), buffers, int((~valid).sum()))


def _sizes(chunk: pa.Array) -> np.ndarray:
    if pa.types.is_binary_view(chunk.type):
        return _values(chunk, _VIEW)["length"]
    offset = np.int64 if pa.types.is_large_binary(chunk.type) else np.int32
    return np.diff(np.frombuffer(chunk.buffers()[1], offset)[chunk.offset : chunk.offset + len(chunk) + 1])


def _chunks(column: Any) -> list[pa.Array]:
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    return [chunk for chunk in chunks if len(chunk)]


def _joined(parts: Sequence[np.ndarray], kind: Any) -> np.ndarray:
    return np.concatenate(parts).astype(kind, copy=False) if parts else np.empty(0, kind)


def _values(chunk: pa.Array, kind: Any) -> np.ndarray:
    return np.frombuffer(chunk.buffers()[1], kind)[chunk.offset : chunk.offset + len(chunk)]


def _valid(chunk: pa.Array) -> np.ndarray:
    found = chunk.buffers()[0]
    return np.ones(len(chunk), bool) if found is None else _bits(chunk, found)


def _bits(chunk: pa.Array, buffer: pa.Buffer) -> np.ndarray:
    end = chunk.offset + len(chunk)
    return np.unpackbits(np.frombuffer(buffer, np.uint8), count=end, bitorder="little")[chunk.offset :].astype(bool)


def _validity(valid: np.ndarray) -> pa.Buffer | None:
    return None if valid.all() else pa.py_buffer(np.packbits(valid, bitorder="little"))
