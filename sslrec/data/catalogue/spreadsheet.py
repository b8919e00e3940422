"""Tables as Excel saves them, read a row at a time."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time
from itertools import islice
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from sslrec.data.catalogue.columns import SURE, guess_columns
from sslrec.data.catalogue.sheets import (
    HEADER,
    MAX_COLUMNS,
    BadRow,
    Origin,
    Sheet,
    SheetRow,
    header_place,
    unique_names,
)
from sslrec.errors import CatalogueError

_UNPACKED = 256 << 20  # bytes of a workbook without its pictures; a text alone may take them all
_TAGS = 6_000_000  # of its XML, four for a cell; each may take a hundred bytes of memory
_READ = 1 << 20
_LAST = 1 << 20
"""The last row that a sheet can have; those that are missing before one are made, and its number may be a lie."""
_BEGINNING = 64  # bytes of a part that tell whether it is XML
_BEFORE_XML = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
"""What may stand before the first bracket of XML: marks, halves of wide characters, blanks."""
_DECLARED = tuple(form.encode() for word in ("<!DOCTYPE", "<!ENTITY") for form in (word, "\0".join(word)))
"""What would let a short XML grow to a long one, as UTF-8 and within UTF-16; no office program writes it."""
_MERGED = re.compile(rb'mergeCell\s[^<>]{0,99}?ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')
_MERGES = 100_000  # merged cells that are kept
_PARTS = "xl/"
"""The folder of a workbook's parts."""
_DOCUMENTS = frozenset(("[Content_Types].xml", "mimetype", "Index/Document.iwa"))
"""What tells a document of an office program from an archive."""
_ERRORS = frozenset(("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!"))
"""What a formula shows that has no value."""
_Merged = dict[int, dict[int, int]]
"""Cells that are merged downwards: by their row, and by the place of their column, the last row."""


class SpreadsheetSheet(Sheet):
    """A sheet of an Excel workbook (`.xlsx`): the first that is shown and has a column like a title or a picture.

    Where none has, it is the first that is shown and holds anything.

    Args:
        origin: the file.

    Raises:
        CatalogueError: it is damaged, empty, or holds more than is allowed.
    """

    kind = "Excel"

    def __init__(self, origin: Origin) -> None:
        super().__init__(origin)
        with self._reading() as stream:
            merged = _check(stream, self.name)
        with self._open() as book:
            found = _find_header(book)
        if found is None:
            raise CatalogueError("catalogue_empty", name=origin.name)
        self._title, part, self._line, names = found
        self._merged = merged.get(part.lstrip("/"), {})
        self.columns = unique_names(names)

    def rows(self) -> Iterator[SheetRow | BadRow]:
        """Every row below the names that is not empty; what stands to the right of the names is somebody's note.

        A cell that is merged over several rows is each one's.
        """
        with self._open() as book:
            for line, values in _filled(_rows(book[self._title], len(self.columns)), self._merged):
                if line > self._line:
                    full = {name: value for name, value in zip(self.columns, values, strict=False) if value is not None}
                    if full:
                        yield SheetRow(line, full)

    def _marks(self) -> Iterator[object]:
        return self.rows()

    @contextmanager
    def _open(self) -> Iterator[Any]:
        """Open the workbook."""
        from openpyxl import load_workbook

        # Of styles and the like, which nobody reads here.
        warnings.filterwarnings("ignore", module="openpyxl")
        with self._reading() as stream:
            book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
            try:
                yield book
            finally:
                book.close()

    @contextmanager
    def _reading(self) -> Iterator[BinaryIO]:
        """Open the file; whatever is wrong with it while it is open is the file's fault."""
        try:
            with self.origin.open() as stream:
                yield stream
        except (CatalogueError, MemoryError):
            raise
        except Exception as error:
            # XML that is not well formed, parts that are missing, numbers that are none: it may fail in any way.
            raise self._damaged(error) from error


def refuse_others(stream: BinaryIO, name: str) -> None:
    """Make sure that a zip is an Excel workbook, or what is left of one.

    Raises:
        CatalogueError: it is another document, or an archive.
    """
    try:
        with ZipFile(stream) as archive:
            names = archive.namelist()
    except (BadZipFile, OSError, ValueError):
        stream.seek(0)
        names = [_PARTS] if _PARTS.encode() in stream.read(_READ) else []
    if not any(part.startswith(_PARTS) for part in names):
        is_document = not _DOCUMENTS.isdisjoint(names)
        raise CatalogueError("table_kind" if is_document else "table_zip", name=name)


def _check(stream: BinaryIO, name: str) -> dict[str, _Merged]:
    """Refuse what would fill the memory: the library keeps all texts, and the XML of a row.

    Returns:
        By part, its cells that are merged downwards, which the library does not tell where it reads row by row.

    Raises:
        CatalogueError: it is more than is allowed.
        ValueError: a part declares a document type.
    """
    merged: dict[str, _Merged] = {}
    count = 0
    with ZipFile(stream) as archive:
        # A sheet may lie among the pictures: the file itself says where its parts are.
        parts = [
            (part, is_xml)
            for part in archive.infolist()
            if (is_xml := _is_xml(archive, part)) or not part.filename.startswith(f"{_PARTS}media/")
        ]
        size = sum(part.file_size for part, _ in parts)
        if size > _UNPACKED:
            raise CatalogueError("table_unpacked", name=name, size=size, limit=_UNPACKED)
        tags = 0
        for part, is_xml in parts:
            with archive.open(part) as unpacked:
                end = b""
                while block := unpacked.read(_READ):
                    seen = end + block
                    if is_xml and any(word in seen for word in _DECLARED):
                        raise ValueError(f"{part.filename} declares a document type")
                    if b"mergeCell" in seen and count < _MERGES:
                        count += _note(seen, merged.setdefault(part.filename, {}))
                    end = seen[-199:]
                    tags += block.count(b"<")
                    if tags > _TAGS:
                        raise CatalogueError("table_cells", name=name)
    return merged


def _is_xml(archive: ZipFile, part: ZipInfo) -> bool:
    """Whether a part of a workbook begins as XML may, and as no picture does."""
    with archive.open(part) as unpacked:
        plain = unpacked.read(_BEGINNING).lstrip(_BEFORE_XML)
    return not plain or plain.startswith(b"<")


def _note(xml: bytes, merged: _Merged) -> int:
    """Note the merged cells of one column that are named in a part's XML; how many these are."""
    count = 0
    for found in islice(_MERGED.finditer(xml), _MERGES):
        if found[1] == found[3]:
            merged.setdefault(int(found[2]), {})[_place(found[1])] = int(found[4])
            count += 1
    return count


def _place(letters: bytes) -> int:
    """The place of a column such as `AB`, from 0."""
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1


def _filled(rows: Iterator[tuple[int, list[Any]]], merged: _Merged) -> Iterator[tuple[int, list[Any]]]:
    """Rows with the values of the cells that are merged with one further up."""
    held: dict[int, tuple[int, Any]] = {}
    for line, values in rows:
        held = {place: (last, value) for place, (last, value) in held.items() if line <= last}
        for place, (_, value) in held.items():
            values += [None] * (place + 1 - len(values))
            values[place] = value if values[place] is None else values[place]
        for place, last in merged.get(line, {}).items():
            if place < len(values) and values[place] is not None:
                held[place] = last, values[place]
        yield line, values


def _shown(book: Any) -> Iterator[Any]:
    """The sheets that are shown, without those that are a chart alone."""
    return (sheet for sheet in book.worksheets if sheet.sheet_state == "visible")


def _rows(sheet: Any, width: int = MAX_COLUMNS) -> Iterator[tuple[int, list[Any]]]:
    """The rows that are not empty, with their numbers from 1; None for cells that are.

    Args:
        sheet: of the library.
        width: so many cells of each row; the library makes those that are missing.
    """
    sheet.reset_dimensions()  # some programs write wrong ones, and all rows are cut to them
    for line, values in enumerate(sheet.iter_rows(max_row=_LAST, max_col=width, values_only=True), 1):
        if values.count(None) == len(values):
            continue
        plain = [_plain(value) for value in values]
        while plain and plain[-1] is None:
            plain.pop()
        if plain:
            yield line, plain


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip()
        return None if not value or value in _ERRORS else value
    if isinstance(value, datetime):
        return str(value.date() if value.time() == time() else value)
    if isinstance(value, float):
        # As it is shown, to 15 digits; some programs write whole numbers, ids among them, with a fraction of nought.
        number = float(f"{value:.15g}")
        return int(number) if number.is_integer() else number
    return value if value is None or isinstance(value, int) else str(value)


def _find_header(book: Any) -> tuple[str, str, int, list[str]] | None:
    """The title of the sheet with the products, its part of the file, the row with their columns' names, and these."""
    best, most = None, -1
    for sheet in _shown(book):
        if header := _header(sheet):
            sureness = guess_columns(unique_names(header[1])).sureness
            if sureness > most:
                best, most = (sheet.title, str(sheet._worksheet_path), *header), sureness
            if sureness == SURE:
                break
    return best


def _header(sheet: Any) -> tuple[int, list[str]] | None:
    """The row with the names, and its number; mostly the first with two cells, for above it there may be a title."""
    lines, rows = [], []
    for line, values in islice(_rows(sheet), HEADER):
        lines.append(line)
        rows.append(["" if value is None else str(value) for value in values])
    if not rows:
        return None
    place = header_place(rows, next((place for place, row in enumerate(rows) if sum(map(bool, row)) > 1), 0))
    return lines[place], rows[place]
