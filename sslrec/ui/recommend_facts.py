"""What a card says of a category or an attribute: words that somebody reads, not what a shop's software notes."""

from __future__ import annotations

import re

from sslrec.data.catalogue.picture_names import SUFFIXES
from sslrec.data.markup import plain_text

LONGEST = 40
"""Characters of a fact, at most."""
_STEP = re.compile(r"\s*(?:->|[>›»→])\s*")
"""Between the parts of a path, such as "Home > Kitchen"."""
_LIST = re.compile(r"\s*[|;]\s*")
_DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}(?!\d)")
_NUMBER = re.compile(r"[-+]?[\d.,]+(?:e[-+]?\d+)?")
_EMPTY = frozenset({"true", "false", "yes", "no", "na", "n/a", "#n/a", "none", "null", "nan"})
"""What says something only beside its column's name, or nothing at all."""
_STATES = frozenset(
    {"active", "base", "configurable", "default", "draft", "parent", "publish", "published", "simple", "taxable"}
    | {"variable", "variation", "visible"}
)
"""Words by which shop software notes what a row is; a label that people read begins with a capital."""


def fact(value: str) -> str:
    """What a card says of an attribute's value; empty where it says nothing by itself.

    That is so of numbers, dates and yes or no, which would want their column's name, of addresses and files, of essays
    and of the notes of a shop's software. Of a path its last part is said.
    """
    return "" if value.strip() in _STATES else category_fact(value)


def category_fact(value: str) -> str:
    """The same of a category, which may be called "base"."""
    value = plain_text(value).strip()
    # A leading sign is no step, as in "> 10 kg".
    parts = list(filter(None, _STEP.split(value)))
    value = parts[-1] if len(parts) > 1 else value
    # Python and JSON write lists so.
    items = list(filter(None, _LIST.split(value.strip("[]\"' "))))
    if any(len(item) > LONGEST for item in items):
        return ""
    said = ""
    for item in filter(_says_something, items):
        longer = f"{said}, {item}" if said else item
        if len(longer) > LONGEST:
            break
        said = longer
    return said


def _says_something(value: str) -> bool:
    small = value.casefold()
    return (
        any(map(str.isalpha, value))
        and small not in _EMPTY
        and not small.startswith(("/", "\\", "www."))
        and "://" not in small
        and "=" not in small
        and not small.endswith(SUFFIXES)
        and not _DATE.match(small)
        and not _NUMBER.fullmatch(small)
    )
