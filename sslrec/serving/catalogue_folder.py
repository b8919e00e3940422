"""A catalogue in a folder: its table, its products' vectors, and which model made them."""

from __future__ import annotations

import errno
import glob
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from sslrec.artifacts import sha256_of
from sslrec.data.catalogue import FILE, SCHEMA, Catalogue
from sslrec.data.catalogue.sheets import encodable
from sslrec.errors import CatalogueError

VECTORS, ABOUT, ADAPTED = "vectors.npy", "catalogue.json", "recommender"
ROWS = 1024
"""Products of a row group."""
UNFINISHED, _ASIDE = ".unfinished", ".old.unfinished"
"""How the names end of a folder that is being filled, and of one that is put aside."""
_MAKER = re.compile(r"(?P<process>\d+)-(?:(?P<began>\d+)-)?[^.-]+(?:\.old)?\.unfinished")
"""What follows the place's name in a folder's that is being filled or put aside: the process that made it."""
_TOLERANCE = 2.0
"""Seconds by which the start of one process may seem to vary: a system clock is set right now and then."""
_TAKEN = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT)
"""How a move fails where another process has just put its catalogue there, or put the older one aside."""
_TRIES = 5
_PAIRS = ("attributes.key_value.key", "attributes.key_value.value")
FILES = frozenset({FILE, VECTORS, ABOUT, ADAPTED})
"""What a folder of an ingested catalogue holds; the last is a folder with a recommender that was adapted to it."""


def require_place(folder: Path) -> None:
    """Make sure, before any work, that a catalogue may be written to a folder and take the place of what is there.

    Args:
        folder: new, empty, or one that holds an ingested catalogue and nothing else.

    Raises:
        CatalogueError: it holds other files, or is a file itself (`catalogue_place`); a folder cannot be put in its
            place, which is a mount point (`catalogue_mount`), or must not, as the process stands in it
            (`catalogue_within`); or its path is not UTF-8 (`catalogue_path`).
    """
    place = folder.resolve()
    if encodable(str(place)) != str(place):
        raise CatalogueError("catalogue_path", name=str(folder))
    _require_own(folder)
    with suppress(OSError):  # the process may stand in a folder that is gone
        if Path.cwd().is_relative_to(place):
            raise CatalogueError("catalogue_within", folder=str(folder))
    if os.path.ismount(place):
        raise CatalogueError("catalogue_mount", folder=str(folder))


def _require_own(folder: Path) -> None:
    """Make sure that nothing but a catalogue is in a folder."""
    if not folder.exists() and not folder.is_symlink():
        return
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else {folder.name}
    if names and not (ABOUT in names and names <= FILES):
        raise CatalogueError("catalogue_place", folder=str(folder))


def begin(folder: Path) -> Path:
    """Make an empty folder beside another, to be filled and then moved to its place.

    What earlier processes left there when they were killed is removed; a catalogue that one of them had just put aside
    comes back. What a process that still runs is at stays.
    """
    place = folder.resolve()
    place.parent.mkdir(parents=True, exist_ok=True)
    for left in sorted(place.parent.glob(f".{glob.escape(place.name)}.*{UNFINISHED}")):
        maker = _MAKER.fullmatch(left.name.removeprefix(f".{place.name}."))
        if maker is None or _runs(int(maker["process"]), maker["began"]):
            continue
        if left.name.endswith(_ASIDE) and not place.exists():
            left.replace(place)
        else:
            shutil.rmtree(left, ignore_errors=True)
    this = f"{os.getpid()}-{psutil.Process().create_time():.0f}"
    made = tempfile.mkdtemp(prefix=f".{place.name}.{this}-", suffix=UNFINISHED, dir=place.parent)
    Path(made).chmod(0o755)
    return Path(made)


def _runs(process: int, began: str | None) -> bool:
    """Whether a process still runs, told by its number and the second since 1970 in which it began.

    A number alone tells nothing: in a container the same ones come again with every start. A folder without a second
    was made by an earlier version of this package, which no longer runs.
    """
    try:
        found = psutil.Process(process)
        is_the_same = began is not None and abs(found.create_time() - int(began)) <= _TOLERANCE
        return is_the_same and found.status() != psutil.STATUS_ZOMBIE
    except psutil.AccessDenied:  # it is there, and somebody else's
        return True
    except psutil.NoSuchProcess:
        return False


def write(made: Path, table: pa.Table, vectors: np.ndarray) -> None:
    """Write a whole catalogue's table and its `(n, dim)` float32 vectors to a folder made by `begin`."""
    with parquet_writer(made / FILE, table.schema) as writer:
        writer.write_table(table, row_group_size=ROWS)
    np.save(made / VECTORS, np.ascontiguousarray(vectors, np.float32))


def parquet_writer(path: Path, schema: pa.Schema = SCHEMA) -> pq.ParquetWriter:
    """What writes a catalogue's table; pictures are compressed already."""
    plain = [name for name in schema.names if name not in ("image", "attributes")]
    options: dict[str, Any] = {
        "compression": {**dict.fromkeys((*plain, *_PAIRS), "snappy"), "image": "none"},
        "use_dictionary": ["category"],
    }
    return pq.ParquetWriter(path, schema, **options)


def finish(made: Path, folder: Path, about: Mapping[str, Any]) -> None:
    """Say what a filled folder holds and move it to its place, where an older catalogue goes first.

    Args:
        made: by `begin`, with the table and the vectors in it.
        folder: its place.
        about: `name`, `items`, and as `model` the digest of the recommender that made the vectors; more may be said.

    Raises:
        CatalogueError: the place has been taken by other files since.
    """
    content = {**about, "table_sha256": sha256_of(made / FILE)}
    (made / ABOUT).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")
    for left in reversed(range(_TRIES)):
        try:
            _require_own(folder)
            _move(made, folder.resolve())
            return
        except OSError as error:
            if not left or error.errno not in _TAKEN:
                raise


def _move(made: Path, place: Path) -> None:
    """Move a filled folder to its place; a catalogue that is there goes first, and comes back where that fails."""
    if not place.exists():
        made.replace(place)
        return
    old = made.with_name(made.name.removesuffix(UNFINISHED) + _ASIDE)
    place.replace(old)
    try:
        made.replace(place)
    except OSError:
        if about(place):  # by now another process's, newer than the one that was put aside
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.replace(place)
        raise
    shutil.rmtree(old, ignore_errors=True)


def about(folder: Path) -> Mapping[str, Any] | None:
    """What a folder says about its catalogue; None where it is not one that was ingested."""
    try:
        found = json.loads((folder / ABOUT).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def vectors_beside(catalogue: Catalogue, digest: str, dim: int) -> np.ndarray | None:
    """The vectors that lie beside a catalogue's table.

    Args:
        catalogue: read from a folder.
        digest: the recommender's; vectors of another one are of no use.
        dim: length of a vector.

    Returns:
        `(n, dim)` float32 as a memory map; None where there are none, or where the table was changed since.
    """
    table = Path(catalogue.source)
    said = about(table.parent) if table.name == FILE else None
    if said is None or said.get("model") != digest:
        return None
    try:
        vectors = np.load(table.parent / VECTORS, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if vectors.shape != (len(catalogue), dim) or vectors.dtype != np.float32:
        return None
    return vectors if said.get("table_sha256") == sha256_of(table) else None
