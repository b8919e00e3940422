"""Files that lie in a zip as they are: views on them for an Arrow table, and reading one of them."""

from __future__ import annotations

import struct
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa

from sslrec.errors import DataError

_LOCAL_HEADER = 30  # bytes, before the file's name
_INLINE = 12  # bytes up to which an Arrow view holds its value itself
_PLACE = np.dtype([("start", "<i8"), ("length", "<i4"), ("prefix", "<u4"), ("present", "?")])


@dataclass(frozen=True, eq=False)
class StoredFiles:
    """Members of a zip that were stored without compression.

    Attributes:
        path: the zip.
        places: `(n,)`, where each begins, its length, its first four bytes, and whether there is one.
    """

    path: Path
    places: np.ndarray = field(repr=False)

    def read(self, index: int) -> bytes | None:
        """The bytes of one, or None where there is none.

        Read from the file, not through the map of `views`, which would keep what surrounds them in memory too.

        Raises:
            DataError: the file is not there any more.
        """
        place = self.places[index]
        if not place["present"]:
            return None
        try:
            with self.path.open("rb") as stream:
                stream.seek(int(place["start"]))
                return stream.read(int(place["length"]))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise DataError("data_damaged", name=self.path.name, path=str(self.path), reason=reason) from error

    def views(self) -> Any:
        """All of them as an Arrow array of binary views on the mapped zip, null where there is none; nothing is copied.

        A view takes 16 bytes: length, the first four bytes, buffer number and offset. An offset is a 32-bit number, so
        a large file is cut into several buffers, each at a multiple of 1 GiB.

        Raises:
            ValueError: the zip is cut off.
        """
        data, places, step = pa.memory_map(str(self.path)).read_buffer(), self.places, 1 << 30
        if (places["start"] + places["length"]).max(initial=0) > data.size:
            raise ValueError(f"{self.path.name} is cut off")
        buffers = [data.slice(cut, min(2 * step - 1, data.size - cut)) for cut in range(0, max(data.size, 1), step)]
        views = np.zeros(len(places), [("length", "<i4"), ("prefix", "<u4"), ("buffer", "<i4"), ("offset", "<i4")])
        views["length"], views["prefix"] = places["length"], places["prefix"]
        views["buffer"], views["offset"] = places["start"] // step, places["start"] % step
        validity = pa.py_buffer(np.packbits(places["present"], bitorder="little").tobytes())
        missing = int((~places["present"]).sum())
        return pa.Array.from_buffers(
            pa.binary_view(), len(places), [validity, pa.py_buffer(views.tobytes()), *buffers], missing
        )


def find_stored(path: Path, names: list[str]) -> StoredFiles:
    """Find members of a zip by their names; those that are not in it are missing.

    Raises:
        BadZipFile: it is no zip, or a damaged one.
        ValueError: a member is compressed, or too small to be a picture.
        OSError: it cannot be read.
    """
    with zipfile.ZipFile(path) as archive:
        members = archive.NameToInfo
    places = np.zeros(len(names), _PLACE)
    with path.open("rb") as stream:
        for row, name in enumerate(names):
            if name in members:
                places[row] = _place_of(stream, members[name])
    return StoredFiles(path, places)


def _place_of(stream: BinaryIO, member: zipfile.ZipInfo) -> tuple[int, int, int, bool]:
    """Where a stored member's bytes are, how many, and the first four of them."""
    if member.compress_type != zipfile.ZIP_STORED or member.file_size <= _INLINE:
        raise ValueError(f"{member.filename} is compressed, or no picture")
    stream.seek(member.header_offset)
    # The local header's extra field may be longer than the directory's, so it has to be asked.
    header = stream.read(_LOCAL_HEADER)
    skipped = sum(struct.unpack_from("<HH", header, 26))
    prefix = stream.read(skipped + 4)[skipped:]
    start = member.header_offset + _LOCAL_HEADER + skipped
    return start, member.file_size, int.from_bytes(prefix, "little"), True
