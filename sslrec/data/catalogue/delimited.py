"""Tables as text: CSV, TSV and their kin, in any encoding and with any separator."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from typing import Any

from sslrec.data.catalogue.columns import guess_columns
from sslrec.data.catalogue.encodings import guess_encoding, is_utf8
from sslrec.data.catalogue.sheets import BadRow, Origin, Sheet, SheetRow, unique_names
from sslrec.errors import CatalogueError

SEPARATORS = (",", ";", "\t", "|")
_LONGEST = 32 << 20  # characters of a line; a picture within it takes most of them
_SPANNED = 1 << 17  # characters of further lines within quotes; more than any text of a product takes
_SAMPLED = 1 << 16  # characters that the separator is guessed from
_COUNTED = 1 << 13  # of one line at most
_DOUBLED = re.compile(r'[^\\,;\t|\r\n]""[^,;\t|\r\n]')
"""A quote within quotes that is written as two, and not an empty cell nor one that ends with an escaped quote."""
_BASE64 = re.compile(r"[A-Za-z0-9+/]{60,}={0,2}[\r\n]*")
csv.field_size_limit(_LONGEST)  # for the whole process; Python's own is too small for a picture
_CONTROLS = {*map(chr, range(9)), *map(chr, range(14, 32))} - {"\x1a", "\x1b"}


class DelimitedSheet(Sheet):
    """A CSV file or one like it, with its columns' names in the first row.

    Args:
        origin: the file.
        encoding: by default guessed.
        separator: by default guessed.

    Raises:
        CatalogueError: it is not encoded so, or it is no text.
    """

    kind = "CSV"

    def __init__(self, origin: Origin, encoding: str | None = None, separator: str | None = None) -> None:
        super().__init__(origin)
        self.encoding = encoding_of(origin, encoding)
        with text_of(origin, self.encoding) as text:
            head = text.read(_SAMPLED)
        if sum(character in _CONTROLS for character in head) > len(head) / 100:
            raise CatalogueError("table_kind", name=origin.name)
        self._skipped, head = _declared(head)
        self.separator = separator or self._skipped or _guess_separator(head)
        # Some programs write a quote within quotes as \" and not as "".
        escapes = '\\"' in head and not _DOUBLED.search(head)
        self._format: dict[str, Any] = {
            "delimiter": self.separator,
            "skipinitialspace": True,
            "escapechar": "\\" if escapes else None,
        }
        header = next((row for _, row in self._read() if not isinstance(row, str)), None)
        if header is None:
            raise CatalogueError("catalogue_empty", name=origin.name)
        self.columns = unique_names(header)

    def rows(self) -> Iterator[SheetRow | BadRow]:
        """Every row that is not empty; one with more cells than the header, or that cannot be read, as a bad one."""
        wanted, is_header = len(self.columns), True
        for line, row in self._read():
            if isinstance(row, str):
                yield BadRow(line, None, CatalogueError(row, line=line))
            elif is_header:
                is_header = False
            elif any(cell.strip() for cell in row[wanted:]):
                yield BadRow(line, None, CatalogueError("row_cells", line=line, count=len(row), wanted=wanted))
            else:
                # Cells that are not there are missing values, as empty ones are.
                yield SheetRow(
                    line, {name: cell for name, cell in zip(self.columns, row, strict=False) if cell.strip()}
                )

    def _marks(self) -> Iterator[object]:
        rows = self._read()
        # The first row that can be read holds the columns' names.
        yield from takewhile(lambda found: isinstance(found[1], str), rows)
        yield from rows

    def _read(self) -> Iterator[tuple[int, list[str] | str]]:
        """The rows that have something in them, each with the line that it starts at, or an error's code."""
        with text_of(self.origin, self.encoding) as text:
            if self._skipped:
                text.readline()
            lines = _Lines(text)
            reader = csv.reader(lines, **self._format)
            skipped = int(bool(self._skipped))
            start = 1 + skipped
            while True:
                try:
                    for row in reader:
                        # Mostly the first cell is full, and the others need no look.
                        if lines.ended:
                            # It asked for more than there is.
                            yield start, "row_quote"
                        elif row and (row[0].strip() or any(map(str.strip, row))):
                            yield start, row
                        start = reader.line_num + 1 + skipped
                        lines.spanned = -1
                except csv.Error as error:
                    code = str(error) if isinstance(error, _BadLine) else "row_unreadable"
                    yield start, code
                    skipped += code == "row_long"  # which the reader has not seen
                    start = reader.line_num + 1 + skipped
                    lines.spanned = -1
                else:
                    return


class _BadLine(csv.Error):
    """An error's code."""


class _Lines:
    """The lines of a text, none longer than a line of a table can be, and no more for one row than it can have.

    Attributes:
        ended: whether more were asked for than there are.
        spanned: characters of the row's further lines, of long ones a part; -1 before its first one.
    """

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.ended = False
        self.spanned = -1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.spanned > _SPANNED:
            raise _BadLine("row_quote")
        line = self._text.readline(_LONGEST)
        if not line:
            self.ended = True
            raise StopIteration
        if len(line) == _LONGEST and line[-1] not in "\r\n":
            while (rest := self._text.readline(_LONGEST)) and rest[-1] not in "\r\n":
                pass
            raise _BadLine("row_long")
        # A long line holds a picture, and so do many of letters without a blank: no sign of a quote that is not closed.
        if self.spanned < 0:
            self.spanned = 0
        elif not _BASE64.fullmatch(line):
            self.spanned += min(len(line), _COUNTED)
        return line


def encoding_of(origin: Origin, encoding: str | None) -> str:
    """The encoding of a text file: guessed, or the given one where it fits.

    Raises:
        CatalogueError: the given one is unknown.
    """
    if encoding is None:
        with origin.open() as stream:
            return guess_encoding(stream)
    try:
        if codecs.lookup(encoding).name == "utf-8":
            with origin.open() as stream:
                if not is_utf8(stream):
                    raise UnicodeError
        # `decode` does not even look at the name of an encoding where there is nothing to decode.
        io.TextIOWrapper(io.BytesIO(), encoding).read()
    except (LookupError, ValueError) as error:
        raise CatalogueError("table_encoding", name=origin.name, encoding=encoding) from error
    return encoding


@contextmanager
def text_of(origin: Origin, encoding: str) -> Iterator[io.TextIOWrapper]:
    """Open a file as text, its line ends as they are.

    Raises:
        CatalogueError: it is not encoded so, which may be found out late.
    """
    with origin.open() as stream:
        try:
            # A character that was cut off spoils nothing but itself.
            errors = "replace" if codecs.lookup(encoding).name.startswith("utf-8") else "strict"
            yield io.TextIOWrapper(stream, encoding, errors, newline="")
        except UnicodeError as error:
            raise CatalogueError("table_encoding", name=origin.name, encoding=encoding) from error


def _declared(head: str) -> tuple[str, str]:
    """The separator that a first line such as `sep=;` declares, as Excel writes it, and the rest."""
    first, _, rest = head.partition("\n")
    plain = first.lstrip("\ufeff").strip("\r ")
    return (plain[4], rest) if len(plain) == 5 and plain.lower().startswith("sep=") else ("", head)


def _guess_separator(head: str) -> str:
    """The separator whose header has most names that a catalogue knows, then the one whose rows are alike."""
    return max(SEPARATORS, key=lambda separator: _fit(head, separator))


def _fit(head: str, separator: str) -> tuple[int, bool, float, int]:
    lines = head.splitlines(keepends=True)
    # The last line may be cut off.
    reader = csv.reader(iter(lines[:-1] or lines), delimiter=separator, skipinitialspace=True)
    rows: list[list[str]] = []
    try:
        for row in reader:
            if any(row):
                rows.append(row)
            if len(rows) == 50:
                break
    except csv.Error:
        pass
    if not rows:
        return 0, False, 0.0, 0
    header = rows[0]
    alike = sum(len(row) == len(header) for row in rows) / len(rows)
    return len(guess_columns(header).used), len(header) > 1, alike, len(header)
