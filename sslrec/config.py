"""Settings, read once from `SSLREC_*` environment variables and frozen."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The project folder, which holds `assets/` and `pages/`."""
_PICTURE_BYTES = 2_000_000_000  # as much memory is set aside before a picture file is read


@dataclass(frozen=True)
class Settings:
    """What an operator may set, with the variable that sets it.

    Attributes:
        data_dir: `SSLREC_DATA`, the folder with the real data sets, or None.
        home_dir: `SSLREC_HOME`, where runs, downloads and kept catalogues live.
        assets_dir: `SSLREC_ASSETS`, the shipped artefacts (default `assets/`).
        max_image_bytes: `SSLREC_MAX_IMAGE_BYTES`, the largest picture file accepted, in bytes.
        max_image_pixels: `SSLREC_MAX_IMAGE_PIXELS`, the largest declared width x height accepted.
        max_batch_files: `SSLREC_MAX_BATCH_FILES`, how many pictures one upload may hold.
        max_table_bytes: `SSLREC_MAX_TABLE_BYTES`, the largest table of a catalogue accepted, of whatever kind.
        max_catalogue_rows: `SSLREC_MAX_CATALOGUE_ROWS`, how many rows a catalogue that is written to disk may have.
        max_archive_bytes: `SSLREC_MAX_ARCHIVE_BYTES`, the largest zip of pictures accepted.
        max_archive_entries: `SSLREC_MAX_ARCHIVE_ENTRIES`, how many files a zip or a folder of pictures may hold.
        max_archive_unpacked: `SSLREC_MAX_ARCHIVE_UNPACKED`, how many bytes a zip's files may unpack to together.
        max_archive_ratio: `SSLREC_MAX_ARCHIVE_RATIO`, to how many times its packed size a file in a zip may unpack.
        max_visitor_items: `SSLREC_MAX_VISITOR_ITEMS`, how many rows a catalogue that is held in memory may have.
        max_visitor_bytes: `SSLREC_MAX_VISITOR_BYTES`, how many bytes its products may take in memory.
        max_workers: `SSLREC_MAX_WORKERS`, how many trainings run at once; the others wait.
        max_runs: `SSLREC_MAX_RUNS`, how many training runs are kept on disk.
        worker_nice: `SSLREC_WORKER_NICE`, by how much a training gives way to the app's answers (1 to 19).
        owner_seconds: `SSLREC_OWNER_SECONDS`, how long a training or an ingest goes on after its visitor was last seen.
        keep_catalogues: `SSLREC_KEEP_CATALOGUES`, 1 or 0, whether visitors may keep catalogues by name on this machine;
            None where it is not set: then those may who sit at it.
    """

    data_dir: Path | None
    home_dir: Path
    assets_dir: Path
    max_image_bytes: int
    max_image_pixels: int
    max_batch_files: int
    max_table_bytes: int
    max_catalogue_rows: int
    max_archive_bytes: int
    max_archive_entries: int
    max_archive_unpacked: int
    max_archive_ratio: int
    max_visitor_items: int
    max_visitor_bytes: int
    max_workers: int
    max_runs: int
    worker_nice: int
    owner_seconds: int
    keep_catalogues: bool | None


def _integer(name: str, default: int, most: int | None = None) -> int:
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or int(text) == 0:
        raise ValueError(f"{name} is {text!r}; it must be a whole number above zero")
    if most is not None and int(text) > most:
        raise ValueError(f"{name} is {text!r}; it must be at most {most}")
    return int(text)


def _switch(name: str) -> bool | None:
    text = os.environ.get(name, "").strip()
    if text not in ("", "0", "1"):
        raise ValueError(f"{name} is {text!r}; it must be 1 or 0")
    return bool(int(text)) if text else None


def _folder(name: str) -> Path | None:
    text = os.environ.get(name, "").strip()
    try:
        return Path(text).expanduser().resolve() if text else None
    except (OSError, RuntimeError) as error:
        # Nobody of the name after a tilde, links in a circle, or a present folder that is gone.
        raise ValueError(f"{name} is {text!r}; it must be a folder's path that can be followed ({error})") from error


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError as error:
        raise ValueError("SSLREC_HOME is not set and this user has no home folder; it must be a folder") from error


@cache
def settings() -> Settings:
    """Return the settings of this process; the environment is read at the first call.

    Raises:
        ValueError: a variable holds what it cannot; one sentence without its full stop names it.
    """
    return Settings(
        data_dir=_folder("SSLREC_DATA"),
        home_dir=_folder("SSLREC_HOME") or _home() / ".sslrec",
        assets_dir=_folder("SSLREC_ASSETS") or ROOT / "assets",
        max_image_bytes=_integer("SSLREC_MAX_IMAGE_BYTES", 10_000_000, _PICTURE_BYTES),
        max_image_pixels=_integer("SSLREC_MAX_IMAGE_PIXELS", 50_000_000),
        max_batch_files=_integer("SSLREC_MAX_BATCH_FILES", 200),
        max_table_bytes=_integer("SSLREC_MAX_TABLE_BYTES", 200_000_000),
        max_catalogue_rows=_integer("SSLREC_MAX_CATALOGUE_ROWS", 200_000),
        max_archive_bytes=_integer("SSLREC_MAX_ARCHIVE_BYTES", 2_000_000_000),
        max_archive_entries=_integer("SSLREC_MAX_ARCHIVE_ENTRIES", 100_000),
        max_archive_unpacked=_integer("SSLREC_MAX_ARCHIVE_UNPACKED", 8_000_000_000),
        max_archive_ratio=_integer("SSLREC_MAX_ARCHIVE_RATIO", 100),
        max_visitor_items=_integer("SSLREC_MAX_VISITOR_ITEMS", 5_000),
        max_visitor_bytes=_integer("SSLREC_MAX_VISITOR_BYTES", 100_000_000),
        max_workers=_integer("SSLREC_MAX_WORKERS", 1),
        max_runs=_integer("SSLREC_MAX_RUNS", 50),
        worker_nice=_integer("SSLREC_WORKER_NICE", 10, 19),
        owner_seconds=_integer("SSLREC_OWNER_SECONDS", 8),
        keep_catalogues=_switch("SSLREC_KEEP_CATALOGUES"),
    )
