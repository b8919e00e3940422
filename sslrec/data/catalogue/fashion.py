"""The fashion products of SSLREC_DATA: 44,110 names, pictures and attributes."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv

from sslrec.data import shops
from sslrec.data.catalogue import arrow
from sslrec.data.catalogue.table import SCHEMA, Catalogue
from sslrec.errors import DataError

HIDDEN = frozenset({"Innerwear", "Loungewear and Nightwear"})
"""Categories with pictures of people in underwear and nightwear: trained and measured on, never shown."""
_ATTRIBUTES = ("gender", "masterCategory", "articleType", "baseColour", "season", "year", "usage")
_LOCAL_HEADER = 30  # bytes, before the file's name
_INLINE = 12  # bytes up to which an Arrow view holds its value itself


def load_fashion_products() -> Catalogue:
    """Load the catalogue from `SSLREC_DATA/fashion_products`.

    The pictures stay in their zip, which is mapped into memory: an Arrow view on each stored member, nothing copied.
    The set has no prices and no descriptions, so both are missing. The category is the set's `subCategory`.

    Raises:
        DataError: the files are not on this machine, or they are damaged.
    """
    found = shops.find(shops.FASHION)
    if found is None:
        path = f"SSLREC_DATA/{shops.FASHION}/{' and '.join(shops.FASHION_FILES)}"
        raise DataError("data_missing", name=shops.FASHION, path=path)
    folder = found[0].parent
    try:
        styles = csv.read_csv(
            folder / "styles.csv",
            # One thread: each takes memory of its own, and the file is small.
            read_options=csv.ReadOptions(use_threads=False),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(("id", "subCategory", "productDisplayName", *_ATTRIBUTES), pa.string()),
                strings_can_be_null=False,
            ),
        )
        ids = styles.column("id").combine_chunks()
        table = pa.table(
            [
                ids,
                styles.column("productDisplayName"),
                pa.nulls(len(ids), pa.string()),
                _stored_members(folder / "images.zip", [f"{item_id}.jpg" for item_id in ids.to_pylist()]),
                styles.column("subCategory"),
                pa.nulls(len(ids), pa.float64()),
                _attributes(styles),
            ],
            names=SCHEMA.names,
        )
    except (pa.ArrowException, zipfile.BadZipFile, OSError, KeyError, ValueError, struct.error) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError("data_damaged", name=shops.FASHION, path=str(folder), reason=reason) from error
    catalogue = Catalogue(shops.FASHION, str(folder), table, HIDDEN)
    pa.default_memory_pool().release_unused()
    return catalogue


def _stored_members(path: Path, names: list[str]) -> Any:
    """The members of a zip that were stored without compression, as views on the mapped file; null where one lacks."""
    with zipfile.ZipFile(path) as archive:
        members = {member.filename: member for member in archive.infolist()}
    places = np.zeros(len(names), _PLACE)
    with path.open("rb") as stream:
        for row, name in enumerate(names):
            if name in members:
                places[row] = _place_of(stream, members[name])
    data = pa.memory_map(str(path)).read_buffer()
    if (places["start"] + places["length"]).max(initial=0) > data.size:
        raise ValueError("images.zip is cut off")
    return _views(data, places)


_PLACE = np.dtype([("start", "<i8"), ("length", "<i4"), ("prefix", "<u4"), ("present", "?")])


def _place_of(stream: BinaryIO, member: zipfile.ZipInfo) -> tuple[int, int, int, bool]:
    """Where a stored member's bytes are, how many, and the first four of them.

    Read with `seek` rather than through the map, which would bring every page of the file into memory.
    """
    if member.compress_type != zipfile.ZIP_STORED or member.file_size <= _INLINE:
        raise ValueError(f"{member.filename} is compressed, or no picture")
    stream.seek(member.header_offset)
    # The local header's extra field may be longer than the directory's, so it has to be asked.
    header = stream.read(_LOCAL_HEADER)
    skipped = sum(struct.unpack_from("<HH", header, 26))
    prefix = stream.read(skipped + 4)[skipped:]
    start = member.header_offset + _LOCAL_HEADER + skipped
    return start, member.file_size, int.from_bytes(prefix, "little"), True


def _views(data: pa.Buffer, places: np.ndarray) -> Any:
    """Arrow binary views: 16 bytes each of length, the first four bytes, buffer number and offset.

    An offset is a 32-bit number, so a large file is cut into several buffers, each at a multiple of 1 GiB.
    """
    step = 1 << 30
    buffers = [data.slice(cut, min(2 * step - 1, data.size - cut)) for cut in range(0, max(data.size, 1), step)]
    views = np.zeros(len(places), [("length", "<i4"), ("prefix", "<u4"), ("buffer", "<i4"), ("offset", "<i4")])
    views["length"], views["prefix"] = places["length"], places["prefix"]
    views["buffer"], views["offset"] = places["start"] // step, places["start"] % step
    validity = pa.py_buffer(np.packbits(places["present"], bitorder="little").tobytes())
    missing = int((~places["present"]).sum())
    return pa.Array.from_buffers(
        pa.binary_view(), len(places), [validity, pa.py_buffer(views.tobytes()), *buffers], missing
    )


def _attributes(styles: pa.Table) -> Any:
    rows = len(styles)
    values = [styles.column(name).combine_chunks() for name in _ATTRIBUTES]
    # Interleave the columns row by row: value j of row i stands at i * columns + j.
    order = np.arange(rows * len(values)).reshape(len(values), rows).T.ravel()
    items = pa.concat_arrays(values).take(arrow.numbers(order))
    keys = arrow.texts(_ATTRIBUTES).take(arrow.numbers(np.tile(np.arange(len(values)), rows)))
    offsets = arrow.numbers(np.arange(rows + 1, dtype=np.int32) * np.int32(len(values)))
    return pa.MapArray.from_arrays(offsets, keys, items)
