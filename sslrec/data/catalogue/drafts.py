"""Rows of any table as products that still lack their pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from sslrec.data.catalogue.columns import Columns
from sslrec.data.catalogue.sheets import BadRow, Sheet, SheetRow, check_columns
from sslrec.data.catalogue.values import (
    MAX_ID,
    MAX_TEXT,
    MAX_TITLE,
    attributes_of,
    called,
    holds_objects,
    offered_price,
    picture_of,
    plain,
    price_of,
    text,
    unescaped,
    unless_nothing,
    unlisted,
)
from sslrec.errors import CatalogueError


@dataclass(frozen=True, slots=True)
class Draft:
    """A product as a table describes it.

    Attributes:
        line: where its row starts in the file, from 1.
        item_id: its id; where the table has none the line's number, or where it has for others `line-` and the number.
        has_id: whether the id is the table's own, which a picture may be called by.
        title: what it is called, on one line; may be empty.
        description: or None.
        category: or None.
        price: or None.
        attributes: what else is known, name and value.
        picture: the bytes of its picture, or what the table calls it, or None.
    """

    line: int
    item_id: str
    has_id: bool
    title: str
    description: str | None
    category: str | None
    price: float | None
    attributes: tuple[tuple[str, str], ...]
    picture: bytes | str | None = field(repr=False)


def read_drafts(sheet: Sheet, columns: Columns) -> Iterator[Draft | BadRow]:
    """Read a table's products one by one.

    Tags of HTML in a text stay as they are: they are text, and whoever shows it escapes it; its entities, such as
    `&#39;`, become the characters that they stand for. A title, a description or a category such as `N/A` or a dash is
    as good as none. Where a row has no price, its variants or offers may.

    A row whose id was there before is bad, and so is one with neither a title nor anything that names a picture; what
    is sent under the product's id may still be found later, so a row with an id of its own and no more is a draft.

    Args:
        sheet: the table.
        columns: which column is what.

    Raises:
        CatalogueError: a column is not there, none is the title or the picture, or the file is damaged.
    """
    check_columns(sheet, columns)
    used = columns.used
    seen: set[str] = set()
    for row in sheet.rows():
        if isinstance(row, BadRow):
            yield row
            continue
        own_id = plain(_cell(row.cells, columns.item_id))[:MAX_ID]
        # Where ids are numbers, the line's own might be another product's.
        item_id = own_id or (str(row.line) if columns.item_id is None else f"line-{row.line}")
        if item_id in seen:
            # A shop's second row of a product says what else it is sold as, and its name only once.
            is_other = columns.title is not None and not _called(row.cells, columns.title)
            code = "row_variant" if is_other else "row_duplicate"
            yield BadRow(row.line, item_id, CatalogueError(code, line=row.line, item=item_id))
            continue
        seen.add(item_id)
        try:
            yield _draft(row, item_id, bool(own_id), columns, used)
        except CatalogueError as error:
            yield BadRow(row.line, item_id, error)


def _draft(row: SheetRow, item_id: str, has_id: bool, columns: Columns, used: Set[str | None]) -> Draft:
    cells = row.cells
    title = _called(cells, columns.title)
    description = unless_nothing(unescaped(text(_cell(cells, columns.description))))[:MAX_TEXT] or None
    category = _called(cells, columns.category) or None
    price = price_of(_cell(cells, columns.price))
    if price is None:
        price = offered_price(cells)
    picture = picture_of(_cell(cells, columns.image), item_id)
    if not title and picture is None and not has_id:
        raise CatalogueError("row_nothing", line=row.line)
    empty = {"item_id": not has_id, "title": not title, "description": not description, "category": not category}
    empty["price"] = price is None
    others = {name: value for name, value in cells.items() if name not in used}
    attributes = attributes_of({**_unread(cells, columns, empty), **others})
    return Draft(row.line, item_id, has_id, title, description, category, price, attributes, picture)


def _called(cells: Mapping[str, Any], column: str | None) -> str:
    """A title or a category, or an empty text."""
    return unless_nothing(called(_cell(cells, column)))[:MAX_TITLE]


def _unread(cells: Mapping[str, Any], columns: Columns, empty: Mapping[str, bool]) -> dict[str, Any]:
    """The objects in the columns of fields that are empty all the same; an attribute each, so that none is lost."""
    unread = {column for field, column in columns.named.items() if empty.get(field)}
    return {name: unlisted(value) for name, value in cells.items() if name in unread and holds_objects(value)}


def _cell(cells: Mapping[str, Any], column: str | None) -> Any:
    return None if column is None else cells.get(column)
