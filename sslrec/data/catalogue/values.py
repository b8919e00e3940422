"""What the cells of a table say: a text, a name, a price, a picture, attributes."""

from __future__ import annotations

import base64
import binascii
import html
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from html.entities import html5
from typing import Any, cast

from sslrec.data.catalogue.formulas import without_formula
from sslrec.data.catalogue.picture_names import first_name
from sslrec.data.catalogue.prices import as_price, parse_price
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
_OFFERS, _WITHIN = ("variants", "variations", "offers"), ("offers", "edges", "nodes", "node")
"""What a product's sizes and offers are called, and where they lie within it."""
_OFFERED = ("price", "regular_price", "sale_price", "amount", "lowprice", "low_price")
"""Where such a one says its price."""
_PAIRED = ("value", "values", "option", "options")
"""Where an object with a name says what that is."""
_FEW = 4  # objects without names whose parts are attributes; more would leave no place for other columns
_OBJECT = re.compile(r"\[?\s*\{.*\}\s*\]?$", re.DOTALL)
_ENTITY = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
"""A character as HTML writes it, whole; the `&` of `AT&T` is none."""
_NOTHING = frozenset({"n/a", "#n/a", "na", "nan", "null", "none", "-", "–", "—", "--"})
"""What programs and people write into a cell that has nothing to say."""
_PICTURE_CODE = re.compile(
    # How PNG, JPEG, GIF, WebP and BMP begin. What follows is possessive, or blanks without end would take for ever.
    r"\s*(?:iVBORw0KGgo|/9j/|R0lGOD[dl]h|UklGR[a-zA-Z0-9+/]{6}XRUJQ|Qk[0-3][a-zA-Z0-9+/]{5}AAAA)"
    r"[a-zA-Z0-9+/\s]*+[=\s]*"
)
"""A picture's bytes in base64."""
_SHORTEST_CODE = 100  # characters; what is no longer may be a name
_CALLED = ("name", "title", "label", "text", "value", "en", "eng", "english", "en_us", "en_gb", "default")
"""Where an object that stands for a title or a category says it, in English where it says it in several languages.

`value` after `label`: where both are there it is the key."""


def text(value: Any, depth: int = 0) -> str:
    """A cell as text; empty for what has none, such as bytes. The parts of a list are joined by commas.

    Of a text that is written as a formula, such as `="00123"`, it is the text.
    """
    if value is None or isinstance(value, bytes | Mapping) or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, list | tuple):
        parts = value[:MAX_ATTRIBUTES] if depth < _DEEPEST else ()
        return ", ".join(filter(None, (text(part, depth + 1) for part in parts)))
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)  # whole numbers with a gap among them come as floats from many a program
    # What is kept is shorter by far, and a cell may hold a whole book.
    return without_formula(_CONTROLS.sub("", str(value)[: 4 * MAX_TEXT]).strip()).strip()


def plain(value: Any) -> str:
    """A cell as text on one line."""
    return " ".join(text(value).split())


def unescaped(value: str) -> str:
    """A text with the characters that its HTML entities stand for, such as `Men&#39;s`."""
    return _CONTROLS.sub("", _ENTITY.sub(_meant, value)) if "&" in value else value


def _meant(entity: re.Match[str]) -> str:
    known = entity[1].startswith("#") or f"{entity[1]};" in html5
    return html.unescape(entity[0]) if known else entity[0]


def line(value: Any) -> str:
    """A cell as text on one line, without HTML's entities."""
    return " ".join(unescaped(text(value)).split())


def called(value: Any, depth: int = 0) -> str:
    """A title or a category as text on one line.

    Args:
        value: as for `text`; or an object such as `{"id": 7, "name": "Kitchen"}` or `{"en": "Bag", "zh": "包"}`, of
            which it is the name, the English text or the only one; or a list of these. Objects may be written as text.
        depth: how many lists and objects the value lies in.
    """
    if depth == _DEEPEST:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, (called(part, depth + 1) for part in value[:MAX_ATTRIBUTES])))
    if not isinstance(value, Mapping):
        said = text(value)
        read = _read_object(said, _CALLED) if _OBJECT.match(said) else None
        return called(read, depth + 1) or line(said)
    parts = {_key(name): part for name, part in value.items()}
    said = next((found for name in _CALLED if (found := called(parts.get(name), depth + 1))), "")
    texts = [part for part in parts.values() if isinstance(part, str) and part.strip()]
    return said or (line(texts[0]) if len(texts) == 1 else "")


def unless_nothing(said: str) -> str:
    """A text, or an empty one where it only says that there is none, such as `N/A`, `null` or a dash."""
    return "" if said.strip().casefold() in _NOTHING else said


def _key(name: Any) -> str:
    return str(name).strip().casefold().replace("-", "_")


def holds_objects(value: Any) -> bool:
    """Whether a cell is an object, or a list with one in it."""
    return any(isinstance(part, Mapping) for part in (value if isinstance(value, list | tuple) else (value,)))


def unlisted(value: Any) -> Any:
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


def offered_price(cells: Mapping[str, Any]) -> float | None:
    """The price of a product's first size or offer that has one, where a shop keeps it there alone; or None."""
    found = (_offered(value) for name, value in cells.items() if _key(name) in _OFFERS)
    return next((price for price in found if price is not None), None)


def _offered(value: Any, depth: int = 0) -> float | None:
    if depth == _DEEPEST:
        return None
    if isinstance(value, list | tuple):
        found = (_offered(part, depth + 1) for part in value[:MAX_ATTRIBUTES])
        return next((price for price in found if price is not None), None)
    if not isinstance(value, Mapping):
        return None
    parts = {_key(name): part for name, part in value.items()}
    own = (price_of(parts.get(name)) for name in _OFFERED)
    within = (_offered(parts.get(name), depth + 1) for name in _WITHIN)
    return next((price for prices in (own, within) for price in prices if price is not None), None)


def picture_of(value: Any, item_id: str, depth: int = 0) -> bytes | str | None:
    """What a cell says about a picture: its bytes, its name, or nothing.

    Args:
        value: bytes; a name, a path or an address; a data URI or its base64 alone; an object with any of these, as
            Hugging Face's data sets have; or a list, whose first one counts. Objects and lists may be written as text.
        item_id: what to call the picture in an error.
        depth: how many lists and objects the value lies in.

    Raises:
        CatalogueError: the data URI or the base64 cannot be decoded.
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
    if isinstance(value, str) and len(value) > _SHORTEST_CODE and _PICTURE_CODE.fullmatch(value):
        return picture_of(f"data:;base64,{value}", item_id)
    said = text(value)
    if _OBJECT.match(said) and depth < _DEEPEST:
        return picture_of(_read_object(said, _PLACES), item_id, depth + 1)
    name = unless_nothing(first_name(said[:MAX_TITLE]))
    if not name.lower().startswith("data:"):
        return name or None
    try:
        # Encoders of mail break it into lines.
        return base64.b64decode("".join(str(value).partition(",")[2].split()), validate=True) or None
    except (binascii.Error, ValueError) as error:
        raise CatalogueError("image_truncated", name=item_id) from error


def _read_object(cell: str, names: Sequence[str]) -> Any:
    """An object, or a list of such, that is written as JSON; or what is called so where Python wrote it.

    Args:
        cell: the text.
        names: of parts that may be wanted, the best first.
    """
    with suppress(ValueError, RecursionError):
        return json.loads(cell)
    found = (re.findall(rf"""["']{name}["']\s*:\s*(?:'([^']+)'|"([^"]+)")""", cell) for name in names)
    return next(([one or other for one, other in parts] for parts in found if parts), None)


def attributes_of(cells: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What else is known about a product, name by name.

    A column `attributes` of pairs is unfolded, and so is an object in any column: `{"specs": {"colour": "red"}}` is
    `specs.colour`. Of a list of other objects the names are kept, or where they have none the parts of the first few.
    """
    found: list[tuple[str, str]] = []
    for name, value in cells.items():
        unfolded = unfold(value) if name == "attributes" else None
        found += _parts(name, value) if unfolded is None else unfolded
    return tuple((name[:MAX_ID], value[:MAX_TITLE]) for name, value in found[:MAX_ATTRIBUTES])


def unfold(value: Any) -> list[tuple[str, str]] | None:
    """What the cell of a column `attributes` holds, name by name; None where it is neither an object nor pairs."""
    pairs = _pairs(value)
    return None if pairs is None else [found for name, part in pairs for found in _parts(line(name), part)]


def _pairs(value: Any) -> list[tuple[str, Any]] | None:
    """The names and values of an object, or of a list of pairs in any form; None of anything else."""
    if isinstance(value, Mapping):
        return list(value.items())
    if not isinstance(value, list | tuple):
        return None
    pairs = [_pair(part) for part in value]
    return None if None in pairs else cast(list[tuple[str, Any]], pairs)


def _pair(part: Any) -> tuple[str, Any] | None:
    """A pair that is a list of two, or an object with a `key` (or `name`) and a `value` (or `options`)."""
    if isinstance(part, Mapping):
        name = part.get("key", part.get("name"))
        where = next((where for where in _PAIRED if where in part), None)
        return (name, part[where]) if isinstance(name, str) and where else None
    is_pair = isinstance(part, list | tuple) and len(part) == 2 and isinstance(part[0], str)
    return (part[0], part[1]) if is_pair else None


def _parts(name: str, value: Any, depth: int = 0) -> Iterator[tuple[str, str]]:
    """A value by its name; of an object, and of a list of pairs or of objects without names, each part by its own.

    Pictures' bytes are left out.
    """
    if isinstance(value, list | tuple):
        value = [part for part in value if not _is_picture(part)]
    pairs = _pairs(value) if holds_objects(value) else None
    said = line(value) if pairs is None and not holds_objects(value) else ""
    if pairs is None and not said and holds_objects(value):
        said = called(value)
        pairs = None if said else _pairs(unlisted(value[:_FEW]))
    if said and name:
        yield name, said
    if pairs and depth < _DEEPEST and not _is_picture(value):
        for key, part in pairs:
            yield from _parts(f"{name}.{line(key)}", part, depth + 1)


def _is_picture(value: Any) -> bool:
    return isinstance(value, Mapping) and "bytes" in value
