"""Product pictures inside the page: the catalogue's own bytes where they are small, else a small copy."""

from __future__ import annotations

import base64
from functools import lru_cache
from io import BytesIO
from weakref import ref

from PIL import Image

from sslrec.data.catalogue import Catalogue
from sslrec.data.images import decode_picture
from sslrec.errors import ImageError

LIGHT = 12_000
"""Bytes up to which a picture goes out as it is."""
SIDE = 200
"""Pixels on the larger side of a small copy."""
_KINDS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif"}


def product_uri(catalogue: Catalogue, row: int) -> str:
    """A product's picture as a data URI; empty where it has none that can be shown."""
    data = catalogue.image(row)
    if data is None:
        return ""
    return _light_uri(data) or _copy_uri(ref(catalogue), row)


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
        return small_uri(decode_picture(data, ""))
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
