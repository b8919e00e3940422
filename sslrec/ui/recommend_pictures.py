"""Product pictures inside the page: the catalogue's own bytes where they are small, else a small copy."""

from __future__ import annotations

import base64
from functools import lru_cache
from io import BytesIO

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
    return "" if data is None else picture_uri(data)


@lru_cache(maxsize=512)
def picture_uri(data: bytes) -> str:
    """Any picture file as a data URI of some kilobytes; empty where it is no picture."""
    kind = next((name for sign, name in _KINDS.items() if data.startswith(sign)), "")
    if data[8:12] == b"WEBP":
        kind = "webp"
    if kind and len(data) <= LIGHT:
        return _uri(data, kind)
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
