"""Which catalogues have a name of their own and where they lie; nothing heavy, so that the app can look.

Beside them there is a catalogue of somebody's own that a training adapts to: kept in `SSLREC_HOME/adapt` under its
hash, for a training outlives the visit.

`sslrec.data.catalogue` reads them.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path

from sslrec.artifacts import sha256_of
from sslrec.config import settings
from sslrec.errors import DataError

BUILTIN, FASHION = "builtin", "fashion_products"
KNOWN = (BUILTIN, FASHION)
"""The catalogues that have a name of their own."""
OWN = "own_catalogue"
"""A catalogue of somebody's own, which `keep_own` has given a number."""
KEPT = 20
"""Own catalogues that are kept at most beside those that trainings need; the oldest go first."""
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


def keep_own(path: Path, needed: Collection[str] = ()) -> str:
    """Keep a catalogue file for a training.

    Args:
        path: a file in the format of `sslrec.data.catalogue`.
        needed: numbers of catalogues that other trainings have yet to read; these stay, however old they are.

    Returns:
        Its number, from which the same catalogue is found again.
    """
    number, folder = sha256_of(path)[:16], own_folder("")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as temporary:
        shutil.copyfile(path, Path(temporary) / FILE)
        (folder / number).mkdir(exist_ok=True)
        (Path(temporary) / FILE).replace(folder / number / FILE)
    kept = sorted(folder.glob(f"*/{FILE}"), key=lambda file: -file.stat().st_mtime)
    for old in [file.parent for file in kept if file.parent.name not in needed][KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
    return number


def remove_own(number: str) -> None:
    """Remove the catalogue of a number, if it is there."""
    shutil.rmtree(own_folder(number), ignore_errors=True)


def own_folder(number: str) -> Path:
    """Where the catalogue of a number lies."""
    return settings().home_dir / "adapt" / number


def require(name: str) -> None:
    """Make sure that a catalogue is on this machine, without reading it.

    Args:
        name: one of `KNOWN`, or `OWN`, which is looked for when it is read.

    Raises:
        DataError: it is not.
    """
    if name != OWN and find(name) is None:
        folder = "SSLREC_ASSETS/catalogue" if name == BUILTIN else f"SSLREC_DATA/{name}"
        raise DataError("data_missing", name=name, path=folder)
