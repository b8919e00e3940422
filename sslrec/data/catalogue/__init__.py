"""Catalogues of products: the format, the readers, the pictures, the held-out rule."""

from sslrec.data.catalogue.columns import Columns, guess_columns
from sslrec.data.catalogue.held_out import held_out, is_held_out
from sslrec.data.catalogue.pictures import decode_rgb, letterbox
from sslrec.data.catalogue.readers import as_catalogue, load_catalogue, read_parquet
from sslrec.data.catalogue.table import SCHEMA, Catalogue, Product, validate
from sslrec.data.shops import FILE, KNOWN, builtin_path

__all__ = [
    "FILE",
    "KNOWN",
    "SCHEMA",
    "Catalogue",
    "Columns",
    "Product",
    "as_catalogue",
    "builtin_path",
    "decode_rgb",
    "guess_columns",
    "held_out",
    "is_held_out",
    "letterbox",
    "load_catalogue",
    "read_parquet",
    "validate",
]
