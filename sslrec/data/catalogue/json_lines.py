"""Tables as JSON, one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from sslrec.data.catalogue.delimited import encoding_of, text_of
from sslrec.data.catalogue.sheets import BadRow, Origin, Sheet, SheetRow, unique_names
from sslrec.errors import CatalogueError

_LOOKED_AT = 10_000  # rows whose names are the columns
_COLUMNS = 1_000  # names that are columns; more than any person chooses from
_LONGEST = 32 << 20  # characters of a line; a picture within it takes most of them
_DEEPEST = 32  # objects and lists within one another; more than any product needs


class JsonLinesSheet(Sheet):
    """A file with one JSON object a line, whose names are the columns.

    Args:
        origin: the file.
        encoding: by default guessed.

    Raises:
        CatalogueError: it is not encoded so, or no line is an object.
    """

    kind = "JSON lines"

    def __init__(self, origin: Origin, encoding: str | None = None) -> None:
        super().__init__(origin)
        self.encoding = encoding_of(origin, encoding)
        names: dict[str, None] = {}
        for _, cells in islice(self._read(), _LOOKED_AT):
            names.update(dict.fromkeys(cells or ()))
            if len(names) > _COLUMNS:
                break
        if not names:
            raise CatalogueError("table_kind", name=origin.name)
        self.columns = unique_names(list(names))
        self._named = dict(zip(names, self.columns, strict=True))

    def rows(self) -> Iterator[SheetRow | BadRow]:
        """Every line that is not blank; one that is no object as a bad one."""
        named = self._named
        for line, cells in self._read():
            if cells is None:
                yield BadRow(line, None, CatalogueError("row_json", line=line))
            elif cells:
                yield SheetRow(line, {named[name]: value for name, value in cells.items() if name in named})

    def _read(self) -> Iterator[tuple[int, dict[str, Any] | None]]:
        """The lines that are not blank, each with its number and its object, or None where it is none."""
        return ((line, _object(content)) for line, content in self._marks())

    def _marks(self) -> Iterator[tuple[int, str]]:
        with text_of(self.origin, self.encoding) as text:
            for line, content in enumerate(iter(lambda: text.readline(_LONGEST), ""), 1):
                plain = content.strip("\ufeff \t\r\n\0")
                if plain:
                    yield line, plain


def _object(text: str) -> dict[str, Any] | None:
    """The object's values that are not empty, or None where the text is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or (text.count("[") + text.count("{") > _DEEPEST and _is_deep(found)):
        return None
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


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
