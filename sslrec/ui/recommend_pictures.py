"""Product pictures inside the page: the catalogue's own bytes where they are small, else a small copy."""

from __future__ import annotations

import base64
import zlib
from functools import lru_cache
from html import escape
from io import BytesIO
from weakref import ref

from PIL import Image

from sslrec.data.catalogue import Catalogue
from sslrec.data.images import WHITE, decode_picture
from sslrec.errors import ImageError

LIGHT = 12_000
"""Bytes up to which a picture goes out as it is."""
SIDE = 200
"""Pixels on the larger side of a small copy."""
_SIGN = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 100"><rect width="80" height="100" '
    'fill="hsl({hue} 32% 90%)"/><text x="40" y="52" font-family="Georgia, serif" font-size="34" text-anchor="middle" '
    'dominant-baseline="middle" fill="hsl({hue} 30% 38%)">{letters}</text></svg>'
)
_KINDS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif"}


def product_uri(catalogue: Catalogue, row: int) -> str:
    """A product's picture as a data URI; one that has none, or none that can be shown, has a sign in its place."""
    data = catalogue.image(row)
    found = "" if data is None else _light_uri(data) or _copy_uri(ref(catalogue), row)
    return found or sign_uri(catalogue.table.column("title")[row].as_py())


def sign_uri(title: str) -> str:
    """What stands in the place of a picture that is not there: the title's first letters on a plain ground."""
    words = "".join(character if character.isalnum() else " " for character in title[:200]).split()
    letters = "".join(word[0] for word in words[:2]).upper() or "?"
    # The same title has the same ground everywhere.
    hue = zlib.crc32(title.encode()) % 360
    return _uri(_SIGN.format(hue=hue, letters=escape(letters)).encode(), "svg+xml")


def _light_uri(data: bytes) -> str:
    """A picture file as it is; empty where it is too large, or of a kind that not every browser shows."""
    kind = next((name for sign, name in _KINDS.items() if data.startswith(sign)), "")
    if data[8:12] == b"WEBP":
        kind = "webp"
    return _uri(data, kind) if kind and len(data) <= LIGHT else ""


@lru_cache(maxsize=512)
def _copy_uri(catalogue: ref[Catalogue], row: int) -> str:
    # By a weak reference: neither a catalogue nor its large files are kept for the sake of their copies.
    found = catalogue()
    data = None if found is None else found.image(row)
    if data is None:
        return ""
    try:
        return small_uri(decode_picture(data, "", WHITE))
    except ImageError:
        return ""


def small_uri(picture: Image.Image, side: int = SIDE) -> str:
    """A small copy of any picture, as a WebP data URI."""
    small = picture.convert("RGB")
    small.thumbnail((side, side))
    buffer = BytesIO()
    small.save(buffer, "WEBP", quality=80)
    return _uri(buffer.getvalue(), "webp")


def _uri(data: bytes, kind: str) -> str:
    return f"data:image/{kind};base64," + base64.b64encode(data).decode("ascii")
