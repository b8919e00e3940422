"""A table and its pictures together: products ready to be decoded and encoded, and rows that give none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from types import TracebackType

from sslrec.data.catalogue.columns import Columns
from sslrec.data.catalogue.drafts import Draft, read_drafts
from sslrec.data.catalogue.picture_files import Pictures, find_picture, open_pictures
from sslrec.data.catalogue.picture_names import is_same_folder, place_of, plain_id, without_suffix
from sslrec.data.catalogue.sheets import BadRow, Sheet, SheetRow, check_columns, open_sheet
from sslrec.data.catalogue.values import MAX_ID, picture_of, plain
from sslrec.errors import CatalogueError

ABSENT = frozenset({"picture_missing", "picture_url"})
"""Why a picture is not there; a product with a title goes without it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A product with what is known about its picture.

    Attributes:
        draft: as the table describes it.
        picture: the picture's bytes, or its name for `read`; None where it has none.
        lacks: why a picture that the table names, or that is called like the product's id, is not there, or None.
    """

    draft: Draft
    picture: bytes | str | None = field(repr=False)
    lacks: CatalogueError | None


class Source:
    """Somebody's catalogue: a table, perhaps pictures in a zip or a folder, and which column is what.

    Args:
        sheet: the table.
        pictures: or None.
        columns: which column is what; by default guessed.

    Raises:
        CatalogueError: a column is not there, or none is the title or the picture.
    """

    def __init__(self, sheet: Sheet, pictures: Pictures | None = None, columns: Columns | None = None) -> None:
        self.sheet = sheet
        self.pictures = pictures
        self.columns = check_columns(sheet, columns or sheet.guess)

    @property
    def name(self) -> str:
        """What the table is called."""
        return self.sheet.name

    def read(self, picture: bytes | str) -> bytes:
        """The bytes of a product's picture; threads may call it at once.

        Raises:
            CatalogueError: it cannot be unpacked.
            ImageError: it is too large.
        """
        if isinstance(picture, bytes):
            return picture
        assert self.pictures is not None, "a picture is named only where there are some"
        return self.pictures.read(picture)

    def rows(self, first: int | None = None) -> Iterator[Found | BadRow]:
        """The products one by one; no picture is read.

        Args:
            first: so many rows at most.
        """
        for draft in islice(read_drafts(self.sheet, self.columns), first):
            yield draft if isinstance(draft, BadRow) else self._found(draft)

    def close(self) -> None:
        """Close the pictures."""
        if self.pictures is not None:
            self.pictures.close()

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _found(self, draft: Draft) -> Found | BadRow:
        if isinstance(draft.picture, bytes):
            return Found(draft, draft.picture, None)
        try:
            picture = self._picture(draft.picture, draft.item_id if draft.has_id else None)
        except CatalogueError as error:
            # That several are called like its id is nothing that the table says.
            if draft.title and (error.code in ABSENT or draft.picture is None):
                return Found(draft, None, error)
            return BadRow(draft.line, draft.item_id, error)
        if picture is None and not draft.title:
            return BadRow(draft.line, draft.item_id, CatalogueError("row_nothing", line=draft.line))
        return Found(draft, picture, None)

    def _picture(self, reference: str | None, own_id: str | None) -> str | None:
        """As `find_picture`; a folder counts where the table tells pictures of one name apart by theirs."""
        exact = self._must_be_exact(reference or "")
        return find_picture(self.pictures, reference, own_id, exact, lambda name: name in self._ids)

    @cached_property
    def _ids(self) -> frozenset[str]:
        """The ids of all products, as `plain_id` writes them; the table is read through only where one decides."""
        found: set[str] = set()
        column = self.columns.item_id
        if column is None:
            return frozenset()
        with suppress(CatalogueError):  # of a damaged table the reading of its rows tells
            for row in self.sheet.rows():
                if isinstance(row, SheetRow):
                    found.add(plain_id(plain(row.cells.get(column))[:MAX_ID]))
        return frozenset(found)

    def _must_be_exact(self, reference: str) -> bool:
        folder, name = place_of(reference)
        if not self.pictures or not folder:
            return False
        found = None
        with suppress(CatalogueError):  # several fit, or it is refused
            if self.pictures.find(reference, exact=True):
                return True
            found = self.pictures.find(reference)
            if found is None:
                return False
        # The table is read through only where a picture would be taken by its name alone.
        by_name = found is not None and place_of(found)[1] == name
        return (name if by_name else without_suffix(name)) in self._told_by_folder

    @cached_property
    def _told_by_folder(self) -> frozenset[str]:
        """File names, and those without suffix, that the table has in several folders: `1/main.jpg`, `2/main.jpg`."""
        folders: dict[str, str] = {}
        several: set[str] = set()
        column = self.columns.image
        for row in self.sheet.rows():
            if isinstance(row, SheetRow) and column is not None:
                with suppress(CatalogueError):
                    said = picture_of(row.cells.get(column), "")
                    folder, name = place_of(said if isinstance(said, str) else "")
                    for key in {name, without_suffix(name)} if folder else ():
                        if not is_same_folder(folders.setdefault(key, folder), folder):
                            several.add(key)
        return frozenset(several)


def open_source(
    table: bytes | str | os.PathLike[str],
    pictures: bytes | str | os.PathLike[str] | None = None,
    columns: Columns | None = None,
    *,
    name: str | None = None,
    pictures_name: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
) -> Source:
    """Open a table and its pictures.

    Args:
        table: the bytes of an upload, or a path: CSV, TSV, Parquet, or JSON lines.
        pictures: the bytes of a zip, the path of one, a folder, or None.
        columns: which column is what; by default guessed.
        name: what to call the table in an error.
        pictures_name: what to call the pictures in an error.
        encoding: of a table that is text; by default guessed.
        separator: of a CSV file; by default guessed.

    Raises:
        CatalogueError: something is missing, damaged, beyond the limits, or no table or zip at all.
    """
    sheet = open_sheet(table, name, encoding=encoding, separator=separator)
    found = None if pictures is None else open_pictures(pictures, pictures_name)
    try:
        return Source(sheet, found, columns)
    except CatalogueError:
        if found is not None:
            found.close()
        raise
