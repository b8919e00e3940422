"""Catalogues that are kept by name in a local installation, under `SSLREC_HOME/catalogues`."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sslrec.config import settings
from sslrec.data.catalogue import FILE, KNOWN
from sslrec.errors import CatalogueError
from sslrec.serving.adapted import carry
from sslrec.serving.catalogue_folder import about, begin, finish, write
from sslrec.serving.catalogues import CatalogueIndex

_NAME = re.compile(r"\w(?:[\w .-]{0,58}[\w-])?")
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)  # no names for files on Windows


@dataclass(frozen=True)
class KeptCatalogue:
    """A kept catalogue.

    Attributes:
        name: what it is called.
        folder: where it lies, as `load_catalogue` takes it.
        items: how many products it has.
        size: bytes on disk.
    """

    name: str
    folder: Path
    items: int
    size: int


def catalogues_dir() -> Path:
    """The folder of all kept catalogues."""
    return settings().home_dir / "catalogues"


def kept_folder(name: str) -> Path:
    """Where a catalogue of a name is kept, or would be.

    Raises:
        CatalogueError: that is no name for a catalogue (`catalogue_name`).
    """
    if not _NAME.fullmatch(name) or _DEVICES.fullmatch(name) or name in KNOWN:
        raise CatalogueError("catalogue_name", name=name[:80])
    return catalogues_dir() / name


def proposed_name(name: str) -> str:
    """A name that a catalogue can be kept under, from what its file is called; empty where nothing of it will do."""
    plain = re.sub(r"[^\w .-]+", " ", name)[:60]
    plain = " ".join(plain.split()).strip(" .-")
    try:
        kept_folder(plain)
    except CatalogueError:
        return ""
    return plain


def kept_catalogues() -> list[KeptCatalogue]:
    """The kept catalogues, by name."""
    found = []
    for folder in sorted(catalogues_dir().glob("*")):
        # What is being written, or was left by a killed process, has a name of its own kind.
        if folder.name.startswith(".") or not (folder / FILE).is_file():
            continue
        items = (about(folder) or {}).get("items")
        if isinstance(items, int):
            with suppress(FileNotFoundError):  # it is being removed just now
                size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
                found.append(KeptCatalogue(folder.name, folder, items, size))
    return found


def keep_catalogue(name: str, index: CatalogueIndex, digest: str) -> KeptCatalogue:
    """Keep a catalogue that is in memory, with its recommender where that was adapted to it.

    Args:
        name: what to call it; not the name of a kept one.
        index: the catalogue with its vectors.
        digest: of the recommender that made the vectors.

    Raises:
        CatalogueError: the name is taken (`catalogue_kept`) or no name (`catalogue_name`).
    """
    folder = kept_folder(name)
    if folder.exists():
        raise CatalogueError("catalogue_kept", name=name)
    made = begin(folder)
    try:
        write(made, index.catalogue.table, index.index.vectors)
        carry(index.recommender, made)
        if folder.exists():
            raise CatalogueError("catalogue_kept", name=name)
        finish(made, folder, {"name": name, "model": digest, "items": len(index)})
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return next(kept for kept in kept_catalogues() if kept.folder == folder)


def remove_catalogue(name: str) -> bool:
    """Remove a kept catalogue.

    Returns:
        Whether there was one.

    Raises:
        CatalogueError: that is no name for a catalogue.
    """
    folder = kept_folder(name)
    if about(folder) is None:
        return False
    # Out of sight first: nobody finds half of it.
    gone = begin(folder)
    folder.replace(gone / folder.name)
    shutil.rmtree(gone, ignore_errors=True)
    return True
