"""MovieLens's films with their abstracts and genres; for measuring only, never for training a model that is shipped."""

from __future__ import annotations

import csv
import gzip
import hashlib
import zlib
from dataclasses import dataclass

from sslrec.config import settings
from sslrec.errors import DataError

FILE = "items.csv.gz"


@dataclass(frozen=True)
class Film:
    """A film that has an abstract.

    Attributes:
        title: its name.
        genres: as MovieLens has them, such as `Drama`.
        abstract: a paragraph of an encyclopaedia.
    """

    title: str
    genres: tuple[str, ...]
    abstract: str


def load_films() -> tuple[tuple[Film, ...], str]:
    """The films of `SSLREC_DATA/movielens` that have an abstract, and the SHA-256 of their file.

    Raises:
        DataError: the file is missing or damaged.
    """
    data_dir = settings().data_dir
    path = None if data_dir is None else data_dir / "movielens" / FILE
    if path is None or not path.is_file():
        raise DataError("data_missing", name="movielens", path=f"SSLREC_DATA/movielens/{FILE}")
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
            films = tuple(
                Film(row["title"], tuple(row["genres"].split("|")), row["abstract"].strip())
                for row in csv.DictReader(stream)
                if row["abstract"].strip()
            )
    except (OSError, EOFError, ValueError, KeyError, csv.Error, zlib.error) as error:
        raise DataError("data_damaged", name="movielens", path=str(path), reason=str(error)) from error
    return films, hashlib.sha256(path.read_bytes()).hexdigest()
