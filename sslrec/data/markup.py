"""What a text says without the HTML that shop software writes into descriptions."""

from __future__ import annotations

import re
from html import unescape
from html.entities import html5

_NAMES = (
    "a abbr article aside b big blockquote body br button center code col colgroup dd del details div dl dt em embed"
    " figcaption figure font footer form h[1-6] head header hr html i iframe img input ins label li link main mark meta"
    " nav o:p object ol option p path picture pre s script section select small source span strike strong style sub"
    " summary sup svg table tbody td textarea tfoot th thead title tr u ul video wbr"
)
# No two signs "<" in one match: the time grows with the text's length and no faster.
_UNSEEN = re.compile(r"<(script|style)\b[^<>]*>[^<]*</\1\s*>", re.IGNORECASE)
_TAG = re.compile(rf"</?(?:{_NAMES.replace(' ', '|')})(?:[\s/][^<>]*)?>|<!--|-->|<!doctype[^<>]*>", re.IGNORECASE)
_ENTITY = re.compile(r"&#?\w+;?")


def plain_text(text: str) -> str:
    """A text without tags, comments' marks, styles and scripts, and with its entities as the signs that they stand for.

    What only looks like a tag stays, such as "size < 10" and "<new>". Feeds often hold HTML whose signs are entities
    themselves; that is HTML, too.

    Args:
        text: any text; one without `<` and `&` is returned as it is.
    """
    if "<" not in text and "&" not in text:
        return text
    return " ".join(_without_tags(_ENTITY.sub(_sign, _without_tags(text))).split())


def _sign(entity: re.Match[str]) -> str:
    """What an entity stands for; without its semicolon it is none where letters follow, as in "pen&notebook"."""
    said = entity[0]
    return unescape(said) if said.endswith(";") or said[1] == "#" or said[1:] in html5 else said


def _without_tags(text: str) -> str:
    return _TAG.sub(" ", _UNSEEN.sub(" ", text))
