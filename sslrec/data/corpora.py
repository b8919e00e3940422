"""Which text corpora there are and where they lie; nothing heavy, so that the app can look without reading any.

`sslrec.data.text` reads them.
"""

from __future__ import annotations

from pathlib import Path

from sslrec.config import settings
from sslrec.errors import DataError

FILES = {
    "film_abstracts": ("film_abstracts.txt.gz",),
    "gutenberg": ("gutenberg.txt.gz",),
    "wikitext2": ("wikitext2_valid.txt.gz", "wikitext2_test.txt.gz"),
    "product_names": ("product_names.txt.gz",),
}
"""The corpora of `SSLREC_DATA/text` with their files."""
BUILTIN = "builtin"
"""The corpus that is always there: names and descriptions of the built-in catalogue."""


def find(name: str) -> tuple[Path, ...] | None:
    """The files of a corpus if all are on this machine: of `SSLREC_DATA/text`, or the built-in catalogue's."""
    if name == BUILTIN:
        path = settings().assets_dir / "catalogue" / "catalogue.parquet"
        return (path,) if path.is_file() else None
    data_dir = settings().data_dir
    if data_dir is None or name not in FILES:
        return None
    paths = tuple(data_dir / "text" / file for file in FILES[name])
    return paths if all(path.is_file() for path in paths) else None


def require(name: str) -> None:
    """Make sure that the corpora are on this machine, without reading them.

    Args:
        name: `text`, any of `SSLREC_DATA/text`, or `builtin`.

    Raises:
        DataError: they are not.
    """
    if name != BUILTIN and not any(map(find, FILES)):
        raise DataError("data_missing", name=name, path="SSLREC_DATA/text")
