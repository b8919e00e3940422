"""The pretrained DistilBERT of the hub beside the shipped language model, where somebody has fetched it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from sslrec.config import settings
from sslrec.errors import ArtifactError
from sslrec.serving.language import LanguageReader


def hub_folder() -> Path:
    """Where `python -m sslrec text hub` leaves the model."""
    return settings().home_dir / "hub"


def hub_reader() -> LanguageReader | None:
    """The reader of the fetched model, one for all visitors; None where there is no model, or no sound one."""
    try:
        written = (hub_folder() / "manifest.json").stat().st_mtime_ns
    except OSError:
        return None
    return _reader(hub_folder(), written)


@lru_cache(maxsize=1)
def _reader(folder: Path, written: int) -> LanguageReader | None:
    """By when it was written, too: another fetch may have put another model there."""
    reader = LanguageReader(folder)
    try:
        reader.warm_up()
    except ArtifactError:
        return None
    return reader
