"""The fashion products of SSLREC_DATA: 44,110 names, pictures and attributes."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv

from sslrec.data import shops
from sslrec.data.catalogue import arrow
from sslrec.data.catalogue.stored import find_stored
from sslrec.data.catalogue.table import SCHEMA, Catalogue
from sslrec.errors import DataError

HIDDEN = frozenset({"Innerwear", "Loungewear and Nightwear"})
"""Categories with pictures of people in underwear and nightwear: trained and measured on, never shown."""
_ATTRIBUTES = ("gender", "masterCategory", "articleType", "baseColour", "season", "year", "usage")


def load_fashion_products() -> Catalogue:
    """Load the catalogue from `SSLREC_DATA/fashion_products`.

    The pictures stay in their zip: an Arrow view on each stored member, nothing copied.
    The set has no prices and no descriptions, so both are missing. The category is the set's `subCategory`.

    Raises:
        DataError: the files are not on this machine, or they are damaged.
    """
    found = shops.find(shops.FASHION)
    if found is None:
        path = f"SSLREC_DATA/{shops.FASHION}/{' and '.join(shops.FASHION_FILES)}"
        raise DataError("data_missing", name=shops.FASHION, path=path)
    folder = found[0].parent
    try:
        styles = _read_styles(folder / "styles.csv")
        pictures = find_stored(folder / "images.zip", [f"{item_id}.jpg" for item_id in styles["id"].to_pylist()])
        rows = len(pictures.places)
        table = pa.table(
            [
                styles["id"],
                styles["productDisplayName"],
                pa.nulls(rows, pa.string()),
                pictures.views(),
                styles["subCategory"],
                pa.nulls(rows, pa.float64()),
                _attributes([styles[name] for name in _ATTRIBUTES]),
            ],
            names=SCHEMA.names,
        )
    except (pa.ArrowException, zipfile.BadZipFile, OSError, KeyError, ValueError, struct.error) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError("data_damaged", name=shops.FASHION, path=str(folder), reason=reason) from error
    catalogue = Catalogue(shops.FASHION, str(folder), table, HIDDEN, pictures)
    # What Arrow has freed it keeps for later, and what it read the table from is freed only now.
    del styles
    pa.default_memory_pool().release_unused()
    return catalogue


def _read_styles(path: Path) -> dict[str, Any]:
    """The columns of the table that are used, each in one piece of its own."""
    names = ("id", "subCategory", "productDisplayName", *_ATTRIBUTES)
    styles = csv.read_csv(
        path,
        # One thread: each takes memory of its own, and the file is small.
        read_options=csv.ReadOptions(use_threads=False),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), include_columns=names, strings_can_be_null=False
        ),
    )
    return {name: styles.column(name).combine_chunks() for name in names}


def _attributes(values: list[Any]) -> Any:
    rows = len(values[0])
    # Interleave the columns row by row: value j of row i stands at i * columns + j.
    order = np.arange(rows * len(values)).reshape(len(values), rows).T.ravel()
    items = pa.concat_arrays(values).take(arrow.numbers(order))
    keys = arrow.texts(_ATTRIBUTES).take(arrow.numbers(np.tile(np.arange(len(values)), rows)))
    offsets = arrow.numbers(np.arange(rows + 1, dtype=np.int32) * np.int32(len(values)))
    return pa.MapArray.from_arrays(offsets, keys, items)
