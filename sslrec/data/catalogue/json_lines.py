"""Tables as JSON, one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from sslrec.data.catalogue.delimited import encoding_of, text_of
from sslrec.data.catalogue.sheets import BadRow, Origin, Sheet, SheetRow, unique_names
from sslrec.errors import CatalogueError

_LOOKED_AT = 100  # rows whose names are the columns
_LONGEST = 32 << 20  # characters of a line; a picture within it takes most of them


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
        for row in islice(self.rows(), _LOOKED_AT):
            if isinstance(row, SheetRow):
                names.update(dict.fromkeys(row.cells))
        if not names:
            raise CatalogueError("table_kind", name=origin.name)
        self.columns = unique_names(list(names))

    def rows(self) -> Iterator[SheetRow | BadRow]:
        """Every line that is not blank; one that is no object as a bad one."""
        with text_of(self.origin, self.encoding) as text:
            for line, content in enumerate(iter(lambda: text.readline(_LONGEST), ""), 1):
                plain = content.strip("\ufeff \t\r\n\0")
                if not plain:
                    continue
                cells = _object(plain)
                if cells is None:
                    yield BadRow(line, None, CatalogueError("row_json", line=line))
                elif cells:
                    yield SheetRow(line, cells)


def _object(text: str) -> dict[str, Any] | None:
    """The object's values that are not empty, or None where the text is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}
