"""The pretrained DistilBERT of the hub beside the shipped language model, where somebody has fetched it."""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path

from sslrec import artifacts
from sslrec.config import settings
from sslrec.errors import ArtifactError
from sslrec.serving.language import LanguageReader


def hub_folder() -> Path:
    """Where `python -m sslrec text hub` leaves the model."""
    return settings().home_dir / "hub"


def hub_name() -> str | None:
    """What the fetched model is called; None where there is no model, or no sound one. Does not load it."""
    written = _written()
    try:
        return _name(hub_folder(), written) if written else None
    except ArtifactError:
        return None


def hub_reader() -> LanguageReader:
    """The reader of the fetched model, one for all visitors; loads it at the first call.

    Raises:
        ArtifactError: there is no model, or no sound one.
    """
    with _LOADING:
        return _reader(hub_folder(), _written())


_LOADING = threading.Lock()


def _written() -> int:
    """When the model was fetched: another fetch may put another one there. 0 where there is none."""
    try:
        return (hub_folder() / "manifest.json").stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=1)
def _name(folder: Path, written: int) -> str:
    return artifacts.load_folder(folder, folder.name).manifest.data


@lru_cache(maxsize=1)
def _reader(folder: Path, written: int) -> LanguageReader:
    reader = LanguageReader(folder)
    reader.warm_up()
    return reader
