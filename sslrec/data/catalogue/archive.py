"""Pictures in a zip of anybody's, hostile until proven otherwise."""

from __future__ import annotations

import lzma
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import BinaryIO

from sslrec.config import settings
from sslrec.data.catalogue.encodings import is_shift_jis
from sslrec.data.catalogue.picture_files import Refusals, is_noise, refusal_by_name, within
from sslrec.data.catalogue.picture_names import PictureNames
from sslrec.data.catalogue.sheets import Origin
from sslrec.errors import CatalogueError

_ENTRY, _ENTRY_BYTES = b"PK\1\2", 46
"""How an entry of a zip's directory begins, and the bytes that it takes at least."""
_LONGEST = 1_000  # characters of a path; no system has longer ones, and each is kept in several forms
_SMALL = 1 << 20  # bytes that nobody fills a memory with: a plain white bitmap may well shrink a thousandfold
_HANZI = re.compile(rb"[\xb0-\xf7][\xa1-\xfe]")
"""A common Chinese character in GBK. An accented letter and a plain one are a rare one there."""
_FAULTS = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, NotImplementedError, RuntimeError, ValueError),
    MemoryError,  # what a damaged LZMA header asks for
)


class PictureArchive:
    """Pictures in a zip, unpacked one at a time and only into memory.

    Nothing is ever written, so a path in an archive cannot lead anywhere; those that try are refused all the same, and
    so are links, encrypted files, archives within the archive, what is not called like a picture, and what unpacks to
    many times its size. An archive that holds too much altogether is refused as a whole before anything is unpacked.

    Args:
        origin: the zip's bytes or path.

    Raises:
        CatalogueError: it is no zip, damaged, or beyond the limits of `settings()`.
    """

    def __init__(self, origin: Origin) -> None:
        limits = settings()
        if origin.size > limits.max_archive_bytes:
            raise CatalogueError("archive_bytes", name=origin.name, size=origin.size, limit=limits.max_archive_bytes)
        self._origin = origin
        self.refused = Refusals()
        self._errors: dict[str, CatalogueError] = {}
        self._members: dict[str, zipfile.ZipInfo] = {}
        self._stream = origin.open()
        try:
            _check_entries(self._stream, origin, limits.max_archive_entries)
            self._zip = zipfile.ZipFile(self._stream)
            self._names = PictureNames(self._list())
        except _FAULTS as error:
            self._stream.close()
            reason = str(error) or type(error).__name__
            raise CatalogueError("archive_damaged", name=origin.name, reason=reason) from error
        except CatalogueError:
            self._stream.close()
            raise

    def __len__(self) -> int:
        return len(self._members)

    def find(self, reference: str, exact: bool = False) -> str | None:
        """The picture that a cell means, or None; see `Pictures`.

        Raises:
            CatalogueError: several fit, or the one that fits is refused.
        """
        return self._usable(self._names.find(reference, exact))

    def find_own(self, item_id: str, is_id: Callable[[str], bool]) -> str | None:
        """The picture that goes by a product's id, or None; see `Pictures`.

        Raises:
            CatalogueError: several fit, or the one that fits is refused.
        """
        return self._usable(self._names.find_own(item_id, is_id))

    def read(self, name: str) -> bytes:
        """Unpack a picture that `find` named; threads may call it at once.

        Raises:
            CatalogueError: it is damaged, or an archive.
            ImageError: it is larger than a picture may be.
        """
        member, limit = self._members[name], settings().max_image_bytes
        try:
            with self._zip.open(member) as stream:
                # What the directory says about the size may be a lie, and no more than this is ever unpacked.
                data = stream.read(limit + 1)
        except _FAULTS as error:
            reason = str(error) or type(error).__name__
            raise CatalogueError("picture_damaged", picture=name, reason=reason) from error
        if data.startswith((b"PK\3\4", b"PK\5\6")):
            raise CatalogueError("picture_archive", picture=name)
        return within(data, name, limit)

    def close(self) -> None:
        """Close the file."""
        self._zip.close()
        self._stream.close()

    def __enter__(self) -> PictureArchive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _usable(self, name: str | None) -> str | None:
        if name in self._errors:
            raise CatalogueError(self._errors[name].code, **self._errors[name].params)
        return name

    def _list(self) -> Iterator[str]:
        limits, total = settings(), 0
        is_japanese = is_shift_jis(b"\n".join(filter(None, map(_raw_name, self._zip.infolist()))))
        for member in self._zip.infolist():
            if member.is_dir():
                continue
            if len(member.orig_filename) > _LONGEST:
                raise zipfile.BadZipFile(f"a file name of {len(member.orig_filename):,} characters")
            name = _name_of(member, is_japanese)
            total += member.file_size
            if total > limits.max_archive_unpacked:
                size = sum(other.file_size for other in self._zip.infolist())
                raise CatalogueError(
                    "archive_unpacked", name=self._origin.name, size=size, limit=limits.max_archive_unpacked
                )
            path = name.replace("\\", "/")
            if is_noise(path) and ".." not in path.split("/"):
                continue
            refusal = self._refusal(member, name, limits.max_archive_ratio)
            if refusal:
                self._errors[name] = refusal
            else:
                self._members[name] = member
            if name not in self._errors or refusal:
                yield name

    def _refusal(self, member: zipfile.ZipInfo, name: str, ratio: int) -> CatalogueError | None:
        code = _refusal_by_header(member, name) or refusal_by_name(name)
        if code:
            return self.refused.add(code, name)
        times = member.file_size // max(member.compress_size, 1)
        if member.file_size > _SMALL and times > ratio:
            return self.refused.add("picture_bomb", name, ratio=times, limit=ratio)
        return None


def _name_of(member: zipfile.ZipInfo, is_japanese: bool) -> str:
    """A member's path; one that does not say how it is encoded is UTF-8, or what Windows has in East Asia or elsewhere.

    Args:
        member: of an archive.
        is_japanese: whether the archive's names are, taken together; alone, one may have no sign of it.
    """
    raw = _raw_name(member)
    if raw is None:
        return member.orig_filename
    eastern = ("cp932",) if is_japanese else ("gbk",) if _HANZI.search(raw) else ()
    for encoding in ("utf-8", *eastern):
        with suppress(UnicodeError):
            return raw.decode(encoding)
    return raw.decode("cp850")


def _raw_name(member: zipfile.ZipInfo) -> bytes | None:
    """The bytes of a member's path, or None where it is plain or says how it is encoded."""
    name = member.orig_filename
    is_known = member.flag_bits & 0x800 or name.isascii()
    return None if is_known else name.encode("cp437")  # which `zipfile` took it for


def _refusal_by_header(member: zipfile.ZipInfo, name: str) -> str | None:
    mode = member.external_attr >> 16
    path = name.replace("\\", "/")
    if member.create_system == 3 and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "picture_link"
    if path.startswith("/") or ".." in path.split("/") or "\0" in path or (len(path) > 1 and path[1] == ":"):
        return "picture_path"
    return "picture_encrypted" if member.flag_bits & 1 else None


def _check_entries(stream: BinaryIO, origin: Origin, limit: int) -> None:
    """Bound the entries of a zip before `zipfile` makes an object of each.

    Each has a mark of its own in the file. Counting them all believes nothing that the file says about itself.

    Raises:
        CatalogueError: there are more than the limit.
    """
    if origin.size < limit * _ENTRY_BYTES:
        return
    count, end = 0, b""
    stream.seek(0)
    while block := stream.read(_SMALL):
        count += (end + block).count(_ENTRY)
        end = block[1 - len(_ENTRY) :]
        if count > limit:
            raise CatalogueError("archive_entries", name=origin.name, limit=limit)
    stream.seek(0)
