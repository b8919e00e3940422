"""A small catalogue as somebody might send it: a table with a shop's own column names, and a zip of pictures."""

from __future__ import annotations

import csv
import zipfile
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO, StringIO

import numpy as np

from sslrec.data.catalogue.readers import load_catalogue
from sslrec.data.shops import BUILTIN

ITEMS = 200
"""Products, at most."""
TABLE, PICTURES = "example-shop.csv", "example-pictures.zip"
COLUMNS = ("sku", "product_title", "desc", "img", "department", "unit_price", "material", "colour")
"""The table's columns; the last two are nothing that a catalogue has a place for, and become attributes."""


@dataclass(frozen=True)
class Example:
    """A table and its pictures, as files.

    Attributes:
        table: a CSV file in UTF-8 with a mark at its beginning, separated by semicolons, as spreadsheets write it.
        pictures: a zip.
    """

    table: bytes = field(repr=False)
    pictures: bytes = field(repr=False)


@lru_cache(maxsize=1)
def make_example() -> Example:
    """Make the example from the built-in catalogue; the same at every call.

    It is as flawed as catalogues are: an id is there twice, a row is empty but for its price, a picture was forgotten,
    one is damaged, one row names none, and a note lies among the pictures.

    Raises:
        CatalogueError: the built-in catalogue is not here.
    """
    catalogue = load_catalogue(BUILTIN)
    chosen = np.unique(np.linspace(0, len(catalogue) - 1, min(ITEMS, len(catalogue))).astype(int))
    rows: list[list[str]] = []
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for place, row in enumerate(chosen.tolist()):
            product = catalogue.product(row)
            name = f"{product.item_id}.webp"
            price = "" if product.price is None else f"€ {product.price:.2f}"
            known = [product.attributes.get(key, "") for key in ("material", "colour")]
            texts = [product.title, product.description or "", name, product.category or ""]
            rows.append([product.item_id.upper(), *texts, price, *known])
            if place != 11 and product.image:
                data = product.image[:200] if place == 23 else product.image
                # Without the time of day, so that the same example is the same file.
                archive.writestr(zipfile.ZipInfo(f"pictures/{name}"), data)
        archive.writestr(zipfile.ZipInfo("pictures/read me.txt"), "Photographed on white, all rights with the shop.")
    rows[5][3] = ""
    rows.insert(17, [*rows[3][:1], "Another product under an id that is taken", *rows[3][2:]])
    rows.insert(31, ["", "", "", "", "", "€ 9.90", "", ""])
    text = StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerows([COLUMNS, *rows])
    return Example(text.getvalue().encode("utf-8-sig"), stream.getvalue())
