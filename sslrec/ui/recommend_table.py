"""An answer as a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

import numpy as np

from sslrec.serving.catalogues import CatalogueIndex
from sslrec.serving.recommendation import Ranked
from sslrec.ui.uploads import plain_cell

ROWS = 500
"""Products in the file, at most."""
COLUMNS = (
    "place", "item_id", "title", "category", "price", "score", "text_score", "image_score", "text_contribution",
    "image_contribution", "text_fall", "image_fall", "rank", "text_rank", "image_rank",
)  # fmt: skip


def answer_csv(index: CatalogueIndex, items: Sequence[Ranked]) -> str:
    """Products of an answer as CSV text.

    It has the fields of the command line's JSON, by how much the score falls without a modality, and the ranks.

    Args:
        index: the catalogue.
        items: the products, in their order.
    """
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for item in items:
        product = index.catalogue.product(item.row)
        writer.writerow(
            [
                item.place,
                plain_cell(product.item_id),
                plain_cell(product.title),
                plain_cell(product.category or ""),
                "" if product.price is None else _price(product.price),
                _short(item.score),
                _short(item.text_score),
                _short(item.image_score),
                _short(item.contributions.get("text")),
                _short(item.contributions.get("image")),
                _short(item.falls.get("text")),
                _short(item.falls.get("image")),
                item.rank,
                item.ranks.get("text", ""),
                item.ranks.get("image", ""),
            ]
        )
    return buffer.getvalue()


def _price(price: float) -> str:
    """With two digits, or with all that it has where these are more."""
    return f"{price:.2f}" if round(price, 2) == price else np.format_float_positional(price, trim="-")


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:.5f}"
