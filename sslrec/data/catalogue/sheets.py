"""Somebody's table of products, whatever its kind: which columns it has, how it begins, and its rows one by one."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from sslrec.config import settings
from sslrec.data.catalogue.columns import Columns, guess_columns, may_repeat
from sslrec.data.catalogue.formulas import without_formula
from sslrec.errors import CatalogueError

SAMPLE = 5
"""Rows that a person sees before the columns are settled."""
MAX_COLUMNS = 1_000
"""Names that are columns; more than any person chooses from."""
HEADER = 20
"""Rows in which the one with the columns' names is looked for."""
_NAMED = 2  # fields that a row below has to name, so that it is no product's
_SHOWN = 200  # characters of a sample's cell
_COMPARED = 2_000  # rows in which an id that products may share is looked for twice
_LOOKED_UP = 500  # rows that are counted between two looks whether to go on


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row as it stands in the file.

    Attributes:
        line: where it starts in the file, from 1; in a Parquet file or a workbook the number of the row.
        cells: the values by column, without the empty ones.
    """

    line: int
    cells: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that gives no product.

    Attributes:
        line: where it starts in the file, from 1.
        item_id: the product's id, or None where it is not known.
        error: why.
    """

    line: int
    item_id: str | None
    error: CatalogueError


@dataclass(frozen=True)
class Origin:
    """A file on disk, or the bytes of an upload.

    Attributes:
        name: what to call it in an error.
        data: its path, or all its bytes.
    """

    name: str
    data: bytes | Path

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return len(self.data) if isinstance(self.data, bytes) else self.data.stat().st_size

    def open(self) -> BinaryIO:
        """Open it to be read from the beginning."""
        return BytesIO(self.data) if isinstance(self.data, bytes) else self.data.open("rb")

    @classmethod
    def of(cls, data: bytes | str | os.PathLike[str], name: str | None = None) -> Origin:
        """Make an origin of bytes or of a path.

        Raises:
            CatalogueError: there is no such file, or it is a folder, a pipe or a device.
        """
        if isinstance(data, bytes):
            return cls(name or "the table", data)
        path = Path(data)
        if not path.is_file():
            code = "table_folder" if path.is_dir() else "table_pipe" if path.exists() else "table_missing"
            raise CatalogueError(code, name=name or str(path))
        return cls(name or encodable(path.name), path)


class Sheet(ABC):
    """A table of products, whatever its kind.

    Args:
        origin: the file.
    """

    kind: str
    """`CSV`, `JSON lines`, `Excel` or `Parquet`."""
    columns: tuple[str, ...]
    """The names of the columns, each once."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin

    @property
    def name(self) -> str:
        """What the file is called."""
        return self.origin.name

    @abstractmethod
    def rows(self) -> Iterator[SheetRow | BadRow]:
        """Every row that is not empty, one by one, from the beginning at each call.

        Raises:
            CatalogueError: the file is damaged.
        """

    @cached_property
    def count(self) -> int:
        """How many rows there are, the bad ones too, which a text has to be read through for."""
        return sum(1 for _ in self._marks())

    def count_unless(self, stopped: Callable[[], bool]) -> int | None:
        """`count`, given up soon after somebody says so: None then."""
        if "count" not in vars(self):
            total = 0
            for total, _ in enumerate(self._marks(), 1):
                if total % _LOOKED_UP == 0 and stopped():
                    return None
            self.count = total
        return self.count

    def _damaged(self, error: Exception) -> CatalogueError:
        """What the user is told of an error that a library met in the file."""
        reason = (str(error).splitlines() or [""])[0] or type(error).__name__
        return CatalogueError("table_damaged", name=self.name, kind=self.kind, reason=reason)

    @abstractmethod
    def _marks(self) -> Iterator[object]:
        """Anything for every row, at the least cost."""

    @cached_property
    def sample(self) -> Sequence[Mapping[str, str]]:
        """The first rows as texts, for a person to look at."""
        found = []
        for row in self.rows():
            if isinstance(row, SheetRow):
                found.append({name: shown(value) for name, value in row.cells.items()})
            if len(found) == SAMPLE:
                break
        return tuple(found)

    @cached_property
    def guess(self) -> Columns:
        """The guess which column is what, for a person to correct."""
        found = guess_columns(self.columns)
        if found.item_id is not None and may_repeat(found.item_id) and self._repeats(found.item_id):
            return replace(found, item_id=None)
        return found

    def _repeats(self, column: str) -> bool:
        """Whether a value stands in more than one of the first rows, which could not all be products under it."""
        seen: set[str] = set()
        with suppress(CatalogueError):  # damage is told where the rows are read
            for row in islice(self.rows(), _COMPARED):
                value = shown(row.cells[column]) if isinstance(row, SheetRow) and column in row.cells else ""
                if value and value in seen:
                    return True
                seen.add(value)
        return False


def open_sheet(
    data: bytes | str | os.PathLike[str],
    name: str | None = None,
    *,
    encoding: str | None = None,
    separator: str | None = None,
) -> Sheet:
    """Open a table; its contents decide its kind, whatever its name says.

    Args:
        data: the bytes of an upload, or a path.
        name: what to call it in an error; by default the path's last part.
        encoding: of a CSV or JSON-lines file; by default guessed.
        separator: of a CSV file, one character; by default guessed.

    Returns:
        The table, of which no rows are in memory.

    Raises:
        CatalogueError: there is no such file, it is too large, empty, damaged, or of no kind that is read here.
    """
    from sslrec.data.catalogue.delimited import DelimitedSheet
    from sslrec.data.catalogue.json_lines import JsonLinesSheet

    origin = Origin.of(data, name)
    limit = settings().max_table_bytes
    if origin.size > limit:
        raise CatalogueError("table_bytes", name=origin.name, size=origin.size, limit=limit)
    with origin.open() as stream:
        head = stream.read(1 << 16)
    if not head.strip():
        raise CatalogueError("catalogue_empty", name=origin.name)
    if head.startswith(b"PK\3\4"):
        from sslrec.data.catalogue.spreadsheet import SpreadsheetSheet, refuse_others

        with origin.open() as stream:
            refuse_others(stream, origin.name)
        return SpreadsheetSheet(origin)
    if head.startswith(b"PAR1"):
        from sslrec.data.catalogue.parquet_sheet import ParquetSheet

        return ParquetSheet(origin)
    plain = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    first, *_ = plain.splitlines() or [b""]
    # Of JSON in one piece the first line may end within an object or a list.
    if (
        head.startswith(_FOREIGN)
        or plain.startswith((b"[", b"<"))
        or (plain[:1] == b"{" and first.rstrip()[-1:] in b"{[")
    ):
        raise CatalogueError("table_kind", name=origin.name)
    if plain.startswith(b"{"):
        return JsonLinesSheet(origin, encoding)
    return DelimitedSheet(origin, encoding, separator)


_FOREIGN = (b"\x1f\x8b", b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"\xd0\xcf\x11\xe0")
"""How archives, pictures and old spreadsheets begin; JSON in one piece, HTML and XML begin with a bracket."""


def shown(value: Any) -> str:
    """A cell as a person sees it: bytes by their number, long texts by their beginning."""
    if isinstance(value, Mapping) and isinstance(value.get("bytes"), bytes):
        value = value["bytes"]
    if isinstance(value, bytes):
        return f"{len(value):,} B"
    text = encodable(str(value))
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def encodable(text: str) -> str:
    """A text with a question mark for each half of a character, which JSON can hold and no file or page can."""
    return text.encode("utf-8", "replace").decode("utf-8")


def header_place(rows: Sequence[Sequence[str]], first: int) -> int:
    """Which of a table's first rows holds the columns' names.

    Above it there may be a title, a note, or a row for a shop's machine.

    Args:
        rows: as texts.
        first: the row that it is where none names a title or a picture.
    """
    fields = [guess_columns(unique_names(row[:MAX_COLUMNS])) for row in rows[:HEADER]]
    place = first
    for row, guess in enumerate(fields[first + 1 :], first + 1):
        count = len(guess.used)
        # Amazon has the names for people above those for its machine.
        is_second = row == place + 1 and count > _NAMED and count >= len(fields[place].used)
        is_better = guess.sureness > fields[place].sureness
        if count >= _NAMED and ((is_second and guess.show_products) or is_better):
            place = row
    return place


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """Column names made usable: none empty, none twice.

    Args:
        names: as they stand in the header.
    """
    found: list[str] = []
    numbers: dict[str, int] = {}
    for place, raw in enumerate(names, 1):
        said = without_formula(encodable(raw).replace("\ufeff", "").strip())
        plain = " ".join(said.split())[:_SHOWN] or f"column {place}"
        name = plain
        while name in numbers:
            # From where the last one of its name ended: a header may say the same a hundred thousand times.
            numbers[plain] += 1
            name = f"{plain} ({numbers[plain]})"
        numbers[name] = 1
        found.append(name)
    return tuple(found)


def check_columns(sheet: Sheet, columns: Columns) -> Columns:
    """Make sure that a mapping is one of this table.

    Returns:
        The same mapping.

    Raises:
        CatalogueError: a column is not there, or none is the title or the picture.
    """
    for column in columns.used:
        if column not in sheet.columns:
            raise CatalogueError("table_column", name=sheet.name, column=column, known=", ".join(sheet.columns))
    if not columns.show_products:
        raise CatalogueError("catalogue_guess", name=sheet.name, found=", ".join(sheet.columns))
    return columns
