"""Rows of any table as products that still lack their pictures."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from sslrec.data.catalogue.columns import Columns
from sslrec.data.catalogue.picture_names import first_name
from sslrec.data.catalogue.prices import as_price, parse_price
from sslrec.data.catalogue.sheets import BadRow, Sheet, SheetRow, check_columns
from sslrec.errors import CatalogueError

MAX_ID, MAX_TITLE, MAX_TEXT, MAX_ATTRIBUTES = 200, 1_000, 10_000, 64
"""Characters of an id, of a title and of any other text, and how many attributes are kept; the rest is cut off."""
_CONTROLS = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_DEEPEST = 8  # lists and objects within one another that are looked into
_PLACES = ("path", "file", "filename", "name", "url", "href", "src", "large", "hi_res", "thumb")
"""Where an object that stands for a picture says which."""
_AMOUNTS = (
    *("amount", "value", "price", "regular", "regular_price", "current", "current_price", "sale", "sale_price"),
    *("list", "list_price", "gross", "net", "min", "from", "usd", "eur", "cny"),
)
"""Where an object that stands for a price says how much, the usual price before a reduced one."""
_CALLED = ("name", "title", "label", "text", "value", "en", "eng", "english", "en_us", "en_gb", "default")
"""Where an object that stands for a title or a category says it, in English where it says it in several languages.

`value` after `label`: where both are there it is the key."""


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

    HTML in a text stays as it is: it is text, and whoever shows it escapes it. A row whose id was there before is bad,
    and so is one with neither a title nor anything that names a picture; what is sent under the product's id may
    still be found later, so a row with an id of its own and no more is a draft.

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
            yield BadRow(row.line, item_id, CatalogueError("row_duplicate", line=row.line, item=item_id))
            continue
        seen.add(item_id)
        try:
            yield _draft(row, item_id, bool(own_id), columns, used)
        except CatalogueError as error:
            yield BadRow(row.line, item_id, error)


def _draft(row: SheetRow, item_id: str, has_id: bool, columns: Columns, used: Set[str | None]) -> Draft:
    cells = row.cells
    title = called(_cell(cells, columns.title))[:MAX_TITLE]
    description = text(_cell(cells, columns.description))[:MAX_TEXT] or None
    category = called(_cell(cells, columns.category))[:MAX_TITLE] or None
    price = price_of(_cell(cells, columns.price))
    picture = picture_of(_cell(cells, columns.image), item_id)
    if not title and picture is None and not has_id:
        raise CatalogueError("row_nothing", line=row.line)
    empty = {"item_id": not has_id, "title": not title, "description": not description, "category": not category}
    empty["price"] = price is None
    others = {name: value for name, value in cells.items() if name not in used}
    attributes = attributes_of({**_unread(cells, columns, empty), **others})
    return Draft(row.line, item_id, has_id, title, description, category, price, attributes, picture)


def _unread(cells: Mapping[str, Any], columns: Columns, empty: Mapping[str, bool]) -> dict[str, Any]:
    """The objects in the columns of fields that are empty all the same; an attribute each, so that none is lost."""
    unread = {column for field, column in columns.named.items() if empty.get(field)}
    return {name: _unlisted(value) for name, value in cells.items() if name in unread and _holds_objects(value)}


def _cell(cells: Mapping[str, Any], column: str | None) -> Any:
    return None if column is None else cells.get(column)


def text(value: Any, depth: int = 0) -> str:
    """A cell as text; empty for what has none, such as bytes. The parts of a list are joined by commas."""
    if value is None or isinstance(value, bytes | Mapping) or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, list | tuple):
        parts = value[:MAX_ATTRIBUTES] if depth < _DEEPEST else ()
        return ", ".join(filter(None, (text(part, depth + 1) for part in parts)))
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)  # whole numbers with a gap among them come as floats from many a program
    # What is kept is shorter by far, and a cell may hold a whole book.
    return _CONTROLS.sub("", str(value)[: 4 * MAX_TEXT]).strip()


def plain(value: Any) -> str:
    """A cell as text on one line."""
    return " ".join(text(value).split())


def called(value: Any, depth: int = 0) -> str:
    """A title or a category as text on one line.

    Args:
        value: as for `text`; or an object such as `{"id": 7, "name": "Kitchen"}` or `{"en": "Bag", "zh": "包"}`, of
            which it is the name, the English text or the only one; or a list of these.
        depth: how many lists and objects the value lies in.
    """
    if depth == _DEEPEST:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, (called(part, depth + 1) for part in value[:MAX_ATTRIBUTES])))
    if not isinstance(value, Mapping):
        return plain(value)
    parts = {_key(name): part for name, part in value.items()}
    said = next((found for name in _CALLED if (found := called(parts.get(name), depth + 1))), "")
    texts = [part for part in parts.values() if isinstance(part, str) and part.strip()]
    return said or (plain(texts[0]) if len(texts) == 1 else "")


def _key(name: Any) -> str:
    return str(name).strip().casefold().replace("-", "_")


def _holds_objects(value: Any) -> bool:
    return any(isinstance(part, Mapping) for part in (value if isinstance(value, list | tuple) else (value,)))


def _unlisted(value: Any) -> Any:
    """A list of objects as one object: its only one, or all by their numbers, from 1."""
    if not isinstance(value, list | tuple):
        return value
    return value[0] if len(value) == 1 else {str(number): part for number, part in enumerate(value, 1)}


def price_of(value: Any) -> float | None:
    """A cell as a price, or None; of a list the first one, of an object such as `{"amount": 9.5}` its number."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, Mapping):
        parts = {_key(name): part for name, part in value.items()}
        return next((price for name in _AMOUNTS if (price := price_of(parts.get(name))) is not None), None)
    if isinstance(value, list | tuple):
        # None of them lies deeper: lists of lists of prices are nobody's.
        plain_ones = (one for one in value[:MAX_ATTRIBUTES] if not isinstance(one, list | tuple))
        return next((price for one in plain_ones if (price := price_of(one)) is not None), None)
    if isinstance(value, int | float | Decimal):
        return as_price(value)
    return parse_price(text(value)[:MAX_ID])


def picture_of(value: Any, item_id: str, depth: int = 0) -> bytes | str | None:
    """What a cell says about a picture: its bytes, its name, or nothing.

    Args:
        value: bytes; a name, a path or an address; a data URI; an object with any of these, as Hugging Face's data sets
            have; or a list, also one written as text, whose first one counts.
        item_id: what to call the picture in an error.
        depth: how many lists and objects the value lies in.

    Raises:
        CatalogueError: the data URI cannot be decoded.
    """
    if isinstance(value, list | tuple | Mapping):
        if isinstance(value, Mapping):
            data = value.get("bytes")
            if data:
                return picture_of(data if isinstance(data, bytes) else f"data:;base64,{data}", item_id)
        parts = [value.get(name) for name in _PLACES] if isinstance(value, Mapping) else value[:8]
        if depth == _DEEPEST:
            return None
        return next((found for part in parts if (found := picture_of(part, item_id, depth + 1)) is not None), None)
    if isinstance(value, bytes):
        return value or None
    name = first_name(text(value)[:MAX_TITLE])
    if not name.lower().startswith("data:"):
        return name or None
    try:
        # Encoders of mail break it into lines.
        return base64.b64decode("".join(str(value).partition(",")[2].split()), validate=True) or None
    except (binascii.Error, ValueError) as error:
        raise CatalogueError("image_truncated", name=item_id) from error


def attributes_of(cells: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What else is known about a product, name by name.

    A column `attributes` of pairs is unfolded, and so is an object in any column: `{"specs": {"colour": "red"}}` is
    `specs.colour`.
    """
    found: list[tuple[str, str]] = []
    for name, value in cells.items():
        unfolded = unfold(value) if name == "attributes" else None
        found += _parts(name, value) if unfolded is None else unfolded
    return tuple((name[:MAX_ID], value[:MAX_TITLE]) for name, value in found[:MAX_ATTRIBUTES])


def unfold(value: Any) -> list[tuple[str, str]] | None:
    """What the cell of a column `attributes` holds, name by name; None where it is neither an object nor pairs."""
    pairs = _pairs(value)
    return None if pairs is None else [found for name, part in pairs for found in _parts(plain(name), part)]


def _pairs(value: Any) -> list[tuple[str, Any]] | None:
    """The names and values of an object, or of a list of pairs in any form; None of anything else."""
    if isinstance(value, Mapping):
        return list(value.items())
    if not isinstance(value, list | tuple):
        return None
    pairs = [_pair(part) for part in value]
    return None if None in pairs else cast(list[tuple[str, Any]], pairs)


def _pair(part: Any) -> tuple[str, Any] | None:
    """A pair that is a list of two, or an object with a `key` (or `name`) and a `value`."""
    if isinstance(part, Mapping):
        name = part.get("key", part.get("name"))
        return (name, part["value"]) if isinstance(name, str) and "value" in part else None
    is_pair = isinstance(part, list | tuple) and len(part) == 2 and isinstance(part[0], str)
    return (part[0], part[1]) if is_pair else None


def _parts(name: str, value: Any, depth: int = 0) -> Iterator[tuple[str, str]]:
    """A value by its name; of an object, and of a list of objects that are pairs, each part by its own."""
    parts = value if isinstance(value, list) else (value,)
    pairs = _pairs(value) if any(isinstance(part, Mapping) for part in parts) else None
    if pairs is None:
        said = plain(value)
        if name and said:
            yield name, said
    elif depth < _DEEPEST and not (isinstance(value, Mapping) and "bytes" in value):  # another picture
        for key, part in pairs:
            yield from _parts(f"{name}.{plain(key)}", part, depth + 1)
