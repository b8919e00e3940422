"""Which catalogues have a name of their own and where they lie; nothing heavy, so that the app can look.

`sslrec.data.catalogue` reads them.
"""

from __future__ import annotations

from pathlib import Path

from sslrec.config import settings
from sslrec.errors import DataError

BUILTIN, FASHION = "builtin", "fashion_products"
FASHION_FILES = ("styles.csv", "images.zip")


def find(name: str) -> tuple[Path, ...] | None:
    """The files of a catalogue if all are on this machine; None for one without a name of its own."""
    limits = settings()
    if name == BUILTIN:
        paths: tuple[Path, ...] = (limits.assets_dir / "catalogue" / "catalogue.parquet",)
    elif name == FASHION and limits.data_dir is not None:
        paths = tuple(limits.data_dir / FASHION / file for file in FASHION_FILES)
    else:
        return None
    return paths if all(path.is_file() for path in paths) else None


def require(name: str) -> None:
    """Make sure that a catalogue is on this machine, without reading it.

    Raises:
        DataError: it is not.
    """
    if find(name) is None:
        folder = "SSLREC_ASSETS/catalogue" if name == BUILTIN else f"SSLREC_DATA/{name}"
        raise DataError("data_missing", name=name, path=folder)
