"""Tables as text: CSV, TSV and their kin, in any encoding and with any separator."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile

from sslrec.data.catalogue.columns import guess_columns
from sslrec.data.catalogue.encodings import guess_encoding, is_utf8
from sslrec.data.catalogue.sheets import BadRow, Origin, Sheet, SheetRow, unique_names
from sslrec.errors import CatalogueError

SEPARATORS = (",", ";", "\t", "|")
_LONGEST = 32 << 20  # characters of a line; a picture within it takes most of them
_SPANNED = 1 << 17  # characters of further lines within quotes; more than any text of a product takes
_SAMPLED = 1 << 16  # characters that the separator is guessed from
_COUNTED = 1 << 13  # of one line at most
_BLOCK = 1 << 20  # characters in memory where no line is asked for
_ESCAPE = re.compile(r'\\["\\]|\\')
"""A quote or a backslash that a backslash stands before, or a backslash that is one."""
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
        self._escapes = self._has_escapes()
        header = next((row for _, row, _ in self._read() if not isinstance(row, str)), None)
        if header is None:
            raise CatalogueError("catalogue_empty", name=origin.name)
        self.columns = unique_names(header)

    def rows(self) -> Iterator[SheetRow | BadRow]:
        """Every row that is not empty; one with more cells than the header, or that cannot be read, as a bad one."""
        wanted, is_header = len(self.columns), True
        for line, row, _ in self._read():
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

    def _has_escapes(self) -> bool:
        r"""Whether a quote within quotes is written as \" and not as "", as some programs do.

        In other files a backslash is none but itself, and may well be the last character of a cell. So what more of the
        file can be read by is right, and where that is all the same, a quote after a backslash is text: such as that of
        `24\" monitor`, which stands within no quotes.
        """
        with text_of(self.origin, self.encoding) as text:
            if not _holds(text, '\\"'):
                return False
        return self._readable(escapes=True) >= self._readable(escapes=False)

    def _readable(self, escapes: bool) -> int:
        """How many lines the rows take that have no more cells than the header and nothing after a closing quote.

        Lines and not rows are counted: a quote that is never closed makes one bad row of many good ones.
        """
        count = wanted = 0
        for start, row, end in self._read(escapes, strict=True):
            if isinstance(row, str):
                continue
            wanted = wanted or len(row)
            if not any(cell.strip() for cell in row[wanted:]):
                count += end - start
        return count

    def _read(self, escapes: bool | None = None, strict: bool = False) -> Iterator[tuple[int, list[str] | str, int]]:
        """The rows that have something in them.

        Args:
            escapes: whether a backslash stands before a quote that is text; by default as the file was found to be.
            strict: whether text after a cell's closing quote is an error.

        Yields:
            The line that a row starts at; its cells, or an error's code; and the line after it.
        """
        escapes = self._escapes if escapes is None else escapes
        with text_of(self.origin, self.encoding) as text:
            if self._skipped:
                text.readline()
            lines = _Lines(text, escapes)
            reader = csv.reader(
                lines,
                delimiter=self.separator,
                skipinitialspace=True,
                escapechar="\\" if escapes else None,
                strict=strict,
            )
            skipped = int(bool(self._skipped))
            start = 1 + skipped
            while True:
                try:
                    for row in reader:
                        end = reader.line_num + 1 + skipped
                        # Mostly the first cell is full, and the others need no look.
                        if lines.ended:
                            # It asked for more than there is.
                            yield start, "row_quote", end
                        elif row and (row[0].strip() or any(map(str.strip, row))):
                            yield start, row, end
                        start = end
                        lines.spanned = -1
                except csv.Error as error:
                    code = str(error) if isinstance(error, _BadLine) else "row_unreadable"
                    skipped += code == "row_long"  # which the reader has not seen
                    end = reader.line_num + 1 + skipped
                    yield start, code, end
                    start = end
                    lines.spanned = -1
                else:
                    return


class _BadLine(csv.Error):
    """An error's code."""


class _Lines:
    """The lines of a text, none longer than a line of a table can be, and no more for one row than it can have.

    Args:
        text: the file, from where it stands.
        escapes: whether a backslash stands before a quote that is text. One before anything else is written twice
            here, for the reader would take it away.

    Attributes:
        ended: whether more were asked for than there are.
        spanned: characters of the row's further lines, of long ones a part; -1 before its first one.
    """

    def __init__(self, text: io.TextIOWrapper, escapes: bool) -> None:
        self._text = text
        self._escapes = escapes
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
        return _ESCAPE.sub(_doubled, line) if self._escapes and "\\" in line else line


def _doubled(found: re.Match[str]) -> str:
    return found[0] if len(found[0]) == 2 else "\\\\"


def _holds(text: io.TextIOWrapper, wanted: str) -> bool:
    """Whether a text is somewhere in another, of which little is in memory at a time."""
    end = ""
    while block := text.read(_BLOCK):
        if wanted in end + block:
            return True
        end = block[1 - len(wanted) :]
    return False


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
