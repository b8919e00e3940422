"""Which data sets there are, to learn from or to measure with, and where each lies; none is read, for a quick look."""

from __future__ import annotations

from pathlib import Path

from sslrec.data import corpora, digits, films, shops

DIGITS = "digits"
DATA_SETS = (DIGITS, "mnist", "fashion_mnist", shops.FASHION, *corpora.FILES, films.NAME)
"""Every data set; the first comes with scikit-learn, the others lie in `SSLREC_DATA`."""


def source_of(name: str) -> str | None:
    """Where a data set would be read from: a library, its file, or the folder of its files.

    Args:
        name: one of `DATA_SETS`.

    Returns:
        None where it is not on this machine, or not all of it is.
    """
    if name == DIGITS:
        return "scikit-learn"
    if name in corpora.FILES:
        paths = corpora.find(name)
    elif name == shops.FASHION:
        paths = shops.find(name)
    else:
        path: Path | None = films.find() if name == films.NAME else digits.find(name)
        paths = path and (path,)
    if not paths:
        return None
    return str(paths[0] if len(paths) == 1 else paths[0].parent)
