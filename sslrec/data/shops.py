"""Which catalogues have a name of their own and where they lie; nothing heavy, so that the app can look.

`sslrec.data.catalogue` reads them.
"""

from __future__ import annotations

from pathlib import Path

from sslrec.config import settings
from sslrec.errors import DataError

BUILTIN, FASHION = "builtin", "fashion_products"
KNOWN = (BUILTIN, FASHION)
"""The catalogues that have a name of their own."""
FILE = "catalogue.parquet"
"""The file that a folder is a catalogue by."""
FASHION_FILES = ("styles.csv", "images.zip")


def builtin_path() -> Path:
    """Where the built-in catalogue lies."""
    return settings().assets_dir / "catalogue" / FILE


def find(name: str) -> tuple[Path, ...] | None:
    """The files of a catalogue if all are on this machine; None for one without a name of its own."""
    data_dir = settings().data_dir
    if name == BUILTIN:
        paths: tuple[Path, ...] = (builtin_path(),)
    elif name == FASHION and data_dir is not None:
        paths = tuple(data_dir / FASHION / file for file in FASHION_FILES)
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
