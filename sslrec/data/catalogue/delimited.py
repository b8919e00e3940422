"""Tables as text: CSV, TSV and their kin, in any encoding and with any separator."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sslrec.data.catalogue.columns import guess_columns
from sslrec.data.catalogue.encodings import guess_encoding, is_utf8
from sslrec.data.catalogue.sheets import HEADER, BadRow, Origin, Sheet, SheetRow, header_place, unique_names
from sslrec.data.catalogue.text_lines import LONGEST, BadLine, Lines
from sslrec.errors import CatalogueError

SEPARATORS = (",", ";", "\t", "|")
_SAMPLED = 1 << 16  # characters that the separator is guessed from
_BLOCK = 1 << 20  # characters in memory where no line is asked for
csv.field_size_limit(LONGEST)  # for the whole process; Python's own is too small for a picture
_NUMBER = re.compile(r"\W*\d[\d.,]*\W*")
_CONTROLS = {*map(chr, range(9)), *map(chr, range(14, 32))} - {"\x1a", "\x1b"}


class DelimitedSheet(Sheet):
    """A CSV file or one like it, with its columns' names in the first row or in one below a title or a note.

    Args:
        origin: the file.
        encoding: by default guessed.
        separator: by default guessed.

    Raises:
        CatalogueError: it is not encoded so, it is no text, or its header opens a quote that is not closed.
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
        self._escaped = self._find_escaped()
        self._line, names = self._header()
        self.columns = unique_names(names)

    def rows(self) -> Iterator[SheetRow | BadRow]:
        """Every row that is not empty; one with more cells than the header, or that cannot be read, as a bad one."""
        wanted = len(self.columns)
        for line, row in self._marks():
            if isinstance(row, str):
                yield BadRow(line, None, CatalogueError(row, line=line))
            elif any(cell.strip() for cell in row[wanted:]):
                yield BadRow(line, None, CatalogueError("row_cells", line=line, count=len(row), wanted=wanted))
            else:
                # Cells that are not there are missing values, as empty ones are.
                yield SheetRow(
                    line, {name: cell for name, cell in zip(self.columns, row, strict=False) if cell.strip()}
                )

    def _marks(self) -> Iterator[tuple[int, list[str] | str]]:
        """The rows below the names that have something in them, and what cannot be read anywhere."""
        return ((line, row) for line, row, _ in self._read() if line > self._line or isinstance(row, str))

    def _header(self) -> tuple[int, list[str]]:
        """The line of the names, and these."""
        rows: list[tuple[int, list[str]]] = []
        for line, row, _ in self._read():
            if not isinstance(row, str):
                rows.append((line, row))
            elif row == "row_quote" and not rows:
                # The next line that can be read is a product's.
                raise CatalogueError(row, line=line)
            if len(rows) == HEADER:
                break
        if not rows:
            raise CatalogueError("catalogue_empty", name=self.name)
        return rows[header_place([row for _, row in rows], 0)]

    def _find_escaped(self) -> str:
        r"""The character that a backslash stands before where it is text, or none.

        Some programs write a quote within quotes as \" and not as "", and some that write no quotes a separator so. In
        other files a backslash is none but itself, and may well be the last character of a cell. So what more of the
        file can be read by is right. Where that is all the same, a quote after a backslash is text, such as that of
        `24\" monitor`, which stands within no quotes, and a separator is one.
        """
        if self._holds('\\"'):
            return '"' if self._readable('"') >= self._readable("") else ""
        if self._holds(f"\\{self.separator}") and not self._holds('"'):
            return self.separator if self._readable(self.separator) > self._readable("") else ""
        return ""

    def _holds(self, wanted: str) -> bool:
        with text_of(self.origin, self.encoding) as text:
            return _holds(text, wanted)

    def _readable(self, escaped: str) -> int:
        """How many lines the rows take that have no more cells than the header and nothing after a closing quote.

        Lines and not rows are counted: a quote that is never closed makes one bad row of many good ones.
        """
        count = wanted = 0
        for start, row, end in self._read(escaped, strict=True):
            if isinstance(row, str):
                continue
            wanted = wanted or len(row)
            if not any(cell.strip() for cell in row[wanted:]):
                count += end - start
        return count

    def _read(self, escaped: str | None = None, strict: bool = False) -> Iterator[tuple[int, list[str] | str, int]]:
        """The rows that have something in them.

        Args:
            escaped: the character that a backslash stands before where it is text; by default as the file was found
                to have it.
            strict: whether a row with text after a cell's closing quote is lost, with all its lines.

        Yields:
            The line that a row starts at; its cells, or an error's code; and the line after it.
        """
        escaped = self._escaped if escaped is None else escaped
        skipped = bool(self._skipped)
        with text_of(self.origin, self.encoding) as text:
            if skipped:
                text.readline()
            lines = Lines(text, escaped, 1 + skipped)
            strictly, freely = (
                csv.reader(
                    lines,
                    delimiter=self.separator,
                    skipinitialspace=True,
                    escapechar="\\" if escaped else None,
                    strict=is_strict,
                )
                for is_strict in (True, False)
            )
            while True:
                start = lines.begin()
                row: list[str] | str | None
                try:
                    row = next(strictly, None)
                except csv.Error as error:
                    row = _code(error) if strict else self._mended(error, lines, freely)
                else:
                    is_lost = row and not strict and lines.taken > 1 and self._are_rows(lines.row, len(row))
                    if is_lost and lines.give_back(but=1):
                        row = "row_quote"
                if row is None:
                    return
                # Mostly the first cell is full, and the others need no look.
                if row and (isinstance(row, str) or row[0].strip() or any(map(str.strip, row))):
                    yield start, row, lines.number

    def _mended(self, error: csv.Error, lines: Lines, freely: Iterator[list[str]]) -> list[str] | str:
        """What a row that breaks the rules of quotes is all the same.

        Text after a closing quote is none of the rules, but harmless within one line. Where a row of several lines has
        some, its first line has a stray quote, and the next one was taken for its end; so is it where no other comes.
        That line alone is lost then: the others are read again, as rows of their own.

        Returns:
            Its cells, or an error's code; no cells where its lines are to be read again.
        """
        code = _code(error)
        if code == "row_unreadable" and lines.taken == 1 and not lines.ended and lines.give_back(but=0):
            lines.begin()
            try:
                row = next(freely)
            except csv.Error as again:
                code = _code(again)
            else:
                if not lines.ended:
                    return row
        if code == "row_unreadable" and lines.taken > 1 and not lines.ended:
            blanks = " \t".replace(self.separator, "")
            end = re.compile(rf'(?<!")("(?:"")*)[{blanks}]+(?={re.escape(self.separator)}|[\r\n]|$)')
            # A blank after a closing quote is no text.
            if lines.give_back_as(end, r"\1"):
                return []
        if lines.ended or (lines.taken > 1 and code == "row_unreadable"):
            code = "row_quote"
        if code == "row_quote":
            lines.give_back(but=1)
        return code

    def _are_rows(self, lines: Sequence[str], width: int) -> bool:
        """Whether each of the lines that one row took is a row itself: as wide, and with its numbers in the same cells.

        A stray quote may end at that of `12"` all by the rules. A text seldom has a number where a price stands, as
        many separators, and no blank after any of them.
        """
        if width < 3:
            return False
        shapes = set()
        for line in lines:
            cells = line.rstrip("\r\n").split(self.separator)
            if len(cells) != width or any(cell.startswith(" ") for cell in cells):
                return False
            shapes.add(tuple(bool(_NUMBER.fullmatch(cell)) for cell in cells))
        return len(shapes) == 1 and any(shapes.pop())


def _code(error: csv.Error) -> str:
    return str(error) if isinstance(error, BadLine) else "row_unreadable"


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
            if codecs.lookup(encoding).name.startswith("utf-8"):
                # A mark is no part of the first name, and a character that was cut off spoils nothing but itself.
                yield io.TextIOWrapper(stream, "utf-8-sig", "replace", newline="")
            else:
                yield io.TextIOWrapper(stream, encoding, newline="")
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
    header = rows[header_place(rows, 0)]
    alike = sum(len(row) == len(header) for row in rows) / len(rows)
    return len(guess_columns(header).used), len(header) > 1, alike, len(header)
