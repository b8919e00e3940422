"""MovieLens's films with their abstracts and genres; for measuring only, never for training a model that is shipped."""

from __future__ import annotations

import csv
import gzip
import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path

from sslrec.config import settings
from sslrec.errors import DataError

NAME = "movielens"
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


def find() -> Path | None:
    """The file of the films in `SSLREC_DATA/movielens` if it is on this machine."""
    data_dir = settings().data_dir
    path = None if data_dir is None else data_dir / NAME / FILE
    return path if path is not None and path.is_file() else None


def load_films() -> tuple[tuple[Film, ...], str]:
    """The films of `SSLREC_DATA/movielens` that have an abstract, and the SHA-256 of their file.

    Raises:
        DataError: the file is missing or damaged.
    """
    path = find()
    if path is None:
        raise DataError("data_missing", name=NAME, path=f"SSLREC_DATA/{NAME}/{FILE}")
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
            films = tuple(
                Film(row["title"], tuple(row["genres"].split("|")), row["abstract"].strip())
                for row in csv.DictReader(stream)
                if row["abstract"].strip()
            )
    except (OSError, EOFError, ValueError, KeyError, csv.Error, zlib.error) as error:
        raise DataError("data_damaged", name=NAME, path=str(path), reason=str(error)) from error
    return films, hashlib.sha256(path.read_bytes()).hexdigest()
