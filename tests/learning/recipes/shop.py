"""A shop of coloured boxes, discs and bars: a catalogue whose pictures tell what its names say."""

from io import BytesIO

import pyarrow as pa
from PIL import Image, ImageDraw

from sslrec.data.catalogue import SCHEMA, Catalogue

COLOURS = {"red": (200, 30, 30), "green": (30, 160, 60), "blue": (40, 60, 200), "black": (20, 20, 20)}
KINDS = ("box", "disc", "bar")
MAKERS = tuple(
    f"{first}{second}" for first in ("Alba", "Bera", "Cori", "Duna") for second in ("ta", "no", "ri", "lu", "x")
)


def drawing(colour: str, kind: str) -> bytes:
    picture = Image.new("RGB", (60, 80), "white")
    draw = ImageDraw.Draw(picture)
    if kind == "disc":
        draw.ellipse((12, 22, 48, 58), COLOURS[colour])
    else:
        draw.rectangle((10, 20, 50, 60) if kind == "box" else (10, 34, 50, 46), COLOURS[colour])
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def make_shop() -> Catalogue:
    """Five score products in each colour and shape, which the makers' names alone tell apart."""
    rows = [
        {
            "item_id": f"{maker}-{colour}-{kind}",
            "title": f"{maker} {colour} {kind} for home",
            "image": drawing(colour, kind),
            "attributes": [],
        }
        for maker in MAKERS
        for colour in COLOURS
        for kind in KINDS
    ]
    return Catalogue("shop", "test", pa.Table.from_pylist(rows, SCHEMA))
