"""Small made-up catalogues."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from openpyxl import Workbook
from PIL import Image

from sslrec.data.catalogue import SCHEMA, Catalogue


def picture(colour: tuple[int, int, int] = (200, 30, 40), size: tuple[int, int] = (6, 8), kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.full((size[1], size[0], 3), colour, np.uint8)).save(stream, kind)
    return stream.getvalue()


def row(**changes: Any) -> dict[str, Any]:
    made = {
        "item_id": "a1",
        "title": "Red mug",
        "description": "A mug.",
        "image": picture(),
        "category": "Home",
        "price": 9.5,
        "attributes": [("colour", "red")],
    }
    return {**made, **changes}


def table(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), SCHEMA)


def ids_of(catalogue: Catalogue) -> list[str]:
    """Every product's id, without its picture."""
    return catalogue.table.column("item_id").to_pylist()


def workbook(*rows: Sequence[Any], before: Callable[[Workbook], object] = lambda book: None) -> bytes:
    """The bytes of an Excel workbook with some rows, after what is done to it besides."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    before(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
