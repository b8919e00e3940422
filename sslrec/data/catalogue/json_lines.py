"""Tables as JSON, one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sslrec.config import settings
from sslrec.data.catalogue.columns import SURE, guess_columns
from sslrec.data.catalogue.delimited import encoding_of, text_of
from sslrec.data.catalogue.sheets import MAX_COLUMNS, BadRow, Origin, Sheet, SheetRow, unique_names
from sslrec.data.catalogue.text_lines import bounded_lines
from sslrec.errors import CatalogueError

_BESIDE = 1 << 20  # characters of a line beside those of a picture
_PARTS = 500_000  # values of a line, each of which takes far more memory than it has characters
_DEEPEST = 32  # objects and lists within one another; more than any product needs


class JsonLinesSheet(Sheet):
    """A file with one JSON object a line, whose names are the columns.

    Args:
        origin: the file.
        encoding: by default guessed.

    Raises:
        CatalogueError: it is not encoded so, no line is an object, or its only one holds the whole table.
    """

    kind = "JSON lines"

    def __init__(self, origin: Origin, encoding: str | None = None) -> None:
        super().__init__(origin)
        self.encoding = encoding_of(origin, encoding)
        names: dict[str, None] = {}
        self.count = 0
        whole = False
        for _, cells in self._read():
            if isinstance(cells, str):
                self.count += 1
            elif cells:
                self.count += 1
                whole = self.count == 1 and _is_table(cells)
                # A name may come late: where most products have no price, the first thousands may all lack it.
                if len(names) < MAX_COLUMNS:
                    names.update(dict.fromkeys(cells))
        if not names or (whole and self.count == 1):
            raise CatalogueError("table_kind", name=origin.name)
        self.columns = unique_names(list(names))
        self._named = dict(zip(names, self.columns, strict=True))

    def rows(self) -> Iterator[SheetRow | BadRow]:
        """Every line that is not blank; one that is no object as a bad one."""
        named = self._named
        for line, cells in self._read():
            if isinstance(cells, str):
                yield BadRow(line, None, CatalogueError(cells, line=line))
            elif cells:
                yield SheetRow(line, {named[name]: value for name, value in cells.items() if name in named})

    def _read(self) -> Iterator[tuple[int, dict[str, Any] | str]]:
        """The lines that are not blank, each with its number and its object, or an error's code where it is none."""
        longest = settings().max_image_bytes * 4 // 3 + _BESIDE
        with text_of(self.origin, self.encoding) as text:
            for line, content in enumerate(bounded_lines(text, longest), 1):
                plain = "" if content is None else content.strip("\ufeff \t\r\n\0")
                if content is None:
                    yield line, "row_long"
                elif plain:
                    found = _object(plain)
                    yield line, "row_json" if found is None else found

    def _marks(self) -> Iterator[object]:
        return iter(range(self.count))


def _object(text: str) -> dict[str, Any] | None:
    """The object's values that are not empty, or None where the text is none."""
    if sum(map(text.count, "[{,")) > _PARTS:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or (text.count("[") + text.count("{") > _DEEPEST and _is_deep(found)):
        return None
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


def _is_table(cells: dict[str, Any]) -> bool:
    """Whether an object is no product but a whole table: a list of products, or columns or rows by their numbers."""
    values = list(cells.values())
    if all(isinstance(value, dict) for value in values):
        # As pandas writes it; which of the two comes of `orient`.
        return all(map(str.isdecimal, cells)) or all(name.isdecimal() for value in values for name in value)
    guess = guess_columns(unique_names(list(cells)))
    lists = (value for value in values if isinstance(value, list))
    return guess.sureness < SURE and any(isinstance(part, dict | list) for one in lists for part in one)


def _is_deep(value: Any) -> bool:
    """Whether objects and lists lie deeper within one another than is allowed."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            part
            for one in level
            for part in (one.values() if isinstance(one, dict) else one)
            if isinstance(part, dict | list)
        ]
        if not level:
            return False
    return True
