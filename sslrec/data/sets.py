"""Which data sets there are, to learn from or to measure with, and where each lies; none is read, for a quick look."""

from __future__ import annotations

from pathlib import Path

from sslrec.data import corpora, digits, films, shops

DIGITS = "digits"
DATA_SETS = (DIGITS, "mnist", "fashion_mnist", shops.FASHION, *corpora.FILES, films.NAME)
"""Every data set; the first comes with scikit-learn, the others lie in `SSLREC_DATA`."""


def files_of(name: str) -> tuple[Path, ...] | None:
    """The files of a data set, if all of them are on this machine.

    Args:
        name: one of `DATA_SETS`, or the built-in catalogue.

    Returns:
        None where they are not; empty where a library brings them.
    """
    if name == DIGITS:
        return ()
    if name == corpora.BUILTIN or name in corpora.FILES:
        return corpora.find(name)
    if name == shops.FASHION:
        return shops.find(name)
    path: Path | None = films.find() if name == films.NAME else digits.find(name)
    return None if path is None else (path,)


def source_of(name: str) -> str | None:
    """Where a data set would be read from: a library, its file, or the folder of its files.

    Args:
        name: one of `DATA_SETS`.

    Returns:
        None where it is not on this machine, or not all of it is.
    """
    paths = files_of(name)
    if not paths:
        return None if paths is None else "scikit-learn"
    return str(paths[0] if len(paths) == 1 else paths[0].parent)
