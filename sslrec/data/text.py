"""The text corpora: film abstracts, books, encyclopaedia, product names; or the built-in catalogue's own words.

Each corpus has a held-out part, every 20th line, that neither tokenizer nor model sees. The product names of the
recommender's held-out items are in neither part.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sslrec.data.catalogue import is_held_out, load_catalogue
from sslrec.data.corpora import BUILTIN, FILES, find
from sslrec.data.tokens import SPECIAL
from sslrec.errors import DataError

HELD_OUT_EVERY = 20
UNKNOWN_WORD = "<unk>"
"""What WikiText has in place of rare words."""


@dataclass(frozen=True)
class Corpus:
    """Lines of text, read anew each time.

    Attributes:
        name: such as `gutenberg`.
        source: the folder, or the embedded catalogue, that the lines come from.
        sha256: hash of the files.
        read: opens the lines.
    """

    name: str
    source: str
    sha256: str
    read: Callable[[], Iterator[str]]

    def train(self) -> Iterator[str]:
        """Lines to learn from; none equals a held-out one, whatever its letters' case."""
        for number, line in enumerate(self.read()):
            if not _is_held_out(number) and line.lower() not in self._held_out_keys:
                yield line

    def held_out(self) -> Iterator[str]:
        """Every 20th line, to measure on."""
        for number, line in enumerate(self.read()):
            if _is_held_out(number):
                yield line

    @cached_property
    def _held_out_keys(self) -> frozenset[str]:
        return frozenset(line.lower() for line in self.held_out())


def _is_held_out(number: int) -> bool:
    return number % HELD_OUT_EVERY == HELD_OUT_EVERY - 1


def load(name: str) -> Corpus:
    """Open a corpus by its name: a key of `FILES`, or `builtin`.

    Raises:
        DataError: the name is unknown, or the files are missing or damaged.
        CatalogueError: the built-in catalogue is missing or damaged.
    """
    if name == BUILTIN:
        return _load_builtin()
    if name not in FILES:
        raise DataError("data_unknown", name=name, known=", ".join([*FILES, BUILTIN]))
    paths = find(name)
    if paths is None:
        raise DataError("data_missing", name=name, path=f"SSLREC_DATA/text/{FILES[name][0]}")
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    keep = (lambda line: not is_held_out(line)) if name == "product_names" else (lambda line: True)
    return Corpus(name, str(paths[0].parent), digest.hexdigest(), lambda: _lines(name, paths, keep))


def load_all() -> tuple[Corpus, ...]:
    """Every corpus of `SSLREC_DATA/text` that is on this machine; where there is none, the built-in one.

    `Corpus.source` says which it is.
    """
    found = tuple(load(name) for name in FILES if find(name))
    return found or (load(BUILTIN),)


def from_lines(name: str, lines: list[str], source: str) -> Corpus:
    """A corpus of lines in memory, such as a visitor's own text; blank lines are left out."""
    kept = [line for line in (_clean(line) for line in lines) if line]
    digest = hashlib.sha256("\n".join(kept).encode()).hexdigest()
    return Corpus(name, source, digest, lambda: iter(kept))


def _lines(name: str, paths: tuple[Path, ...], keep: Callable[[str], bool]) -> Iterator[str]:
    for path in paths:
        try:
            with gzip.open(path, "rt", encoding="utf-8") as stream:
                for raw in stream:
                    line = _clean(raw)
                    if line and keep(line):
                        yield line
        except (OSError, EOFError, ValueError, zlib.error) as error:
            raise DataError("data_damaged", name=name, path=str(path), reason=str(error)) from error


def _clean(line: str) -> str:
    """Without blanks at the ends, and with the tokenizer's sign where the source left a word out."""
    return line.strip().replace(UNKNOWN_WORD, SPECIAL[1])


def _load_builtin() -> Corpus:
    """Titles and descriptions of the built-in catalogue's products, the recommender's held-out ones left out."""
    catalogue = load_catalogue(BUILTIN)
    texts = zip(catalogue.titles, catalogue.table.column("description").to_pylist(), strict=True)
    lines = [line for title, description in texts if not is_held_out(title) for line in (title, description or "")]
    return from_lines(BUILTIN, lines, catalogue.source)
