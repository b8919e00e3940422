"""Which text corpora there are and where they lie; nothing heavy, so that the app can look without reading any.

Beside the corpora that are known by name there are texts of somebody's own: kept in `SSLREC_HOME/texts` under their
hashes, those of the app's visitors apart, since they go with the runs that learn from them.

`sslrec.data.text` reads them.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sslrec.config import settings
from sslrec.data import shops
from sslrec.data.folding import is_visible
from sslrec.errors import DataError, TextError

if TYPE_CHECKING:
    import numpy as np

FILES = {
    "film_abstracts": ("film_abstracts.txt.gz",),
    "gutenberg": ("gutenberg.txt.gz",),
    "wikitext2": ("wikitext2_valid.txt.gz", "wikitext2_test.txt.gz"),
    "product_names": ("product_names.txt.gz",),
}
"""The corpora of `SSLREC_DATA/text` with their files."""
BUILTIN = "builtin"
"""The corpus that is always there: names and descriptions of the built-in catalogue."""
OWN = "own"
"""A text of somebody's own, which `keep` has given a number."""
KEPT = 100
"""Own texts of this machine's user that are kept at most; the oldest go first."""
JUST_WRITTEN = 600.0
"""Seconds in which the run that is to learn from a visitor's text may still be about to be made."""
FEWEST = 40
"""Different sentences of an own text at least: a few of them must be left out to measure on."""
UNKNOWN = 0.5
"""A text of which a larger share of the pieces cannot be spelled is not worth a training."""
_ENDS = re.compile(r"(?<=[.!?。！？])\s+|\n+")


def find(name: str) -> tuple[Path, ...] | None:
    """The files of a corpus if all are on this machine: of `SSLREC_DATA/text`, or the built-in catalogue's."""
    if name == BUILTIN:
        return shops.find(shops.BUILTIN)
    data_dir = settings().data_dir
    if data_dir is None or name not in FILES:
        return None
    paths = tuple(data_dir / "text" / file for file in FILES[name])
    return paths if all(path.is_file() for path in paths) else None


def require(name: str) -> None:
    """Make sure that the corpora are on this machine, without reading them.

    Args:
        name: `text`, any of `SSLREC_DATA/text`; `builtin`; or `own`, which is looked for when it is read.

    Raises:
        DataError: they are not.
    """
    if name not in (BUILTIN, OWN) and not any(map(find, FILES)):
        raise DataError("data_missing", name=name, path="SSLREC_DATA/text")


def sentences(text: str) -> list[str]:
    """The sentences of a text, those without a visible character left out; each line is one at least."""
    return [one.strip() for one in _ENDS.split(text) if is_visible(one)]


def _different(text: str) -> list[str]:
    """The sentences of a text, each of them once: one that is left out to measure on teaches nothing."""
    return list({line.lower(): line for line in sentences(text)}.values())


def spelled(text: str) -> list[np.ndarray]:
    """What the vocabulary makes of a text of somebody's own: `(n_i,)` int32 pieces of each different sentence.

    Raises:
        TextError: it cannot spell most of the text.
        ArtifactError: the tokenizer is missing or damaged.
    """
    from sslrec.data.vocabulary import load_tokenizer  # looking where the texts lie can do without

    tokenizer = load_tokenizer()
    lines = list(tokenizer.encode_lines(_different(text)))
    pieces = sum(map(len, lines))
    unknown = sum(int((ids == tokenizer.unknown_id).sum()) for ids in lines)
    if unknown > UNKNOWN * pieces:
        raise TextError("text_foreign", share=f"{unknown / pieces:.0%}")
    return lines


def keep(text: str, visitors: bool = False) -> str:
    """Keep the sentences of a text of somebody's own, each once.

    Args:
        text: the text.
        visitors: whether it is one of the app's visitors', and goes with its run; see `remove_unnamed`.

    Returns:
        Its number, from which the same text is found again.

    Raises:
        TextError: it has fewer than `FEWEST` different sentences.
    """
    lines = _different(text)
    if len(lines) < FEWEST:
        raise TextError("text_short", count=len(lines), limit=FEWEST)
    data = "\n".join(lines).encode("utf-8", "replace")
    number, folder = hashlib.sha256(data).hexdigest()[:16], _folders(settings().home_dir)[visitors]
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".", delete=False) as stream:
        stream.write(data)
    Path(stream.name).replace(folder / f"{number}.txt")
    if visitors:  # these are bounded by the runs, which may wait for them
        return number
    for old in sorted(folder.glob("*.txt"), key=lambda path: -path.stat().st_mtime)[KEPT:]:
        old.unlink(missing_ok=True)
    return number


def read_own(number: str) -> list[str]:
    """The sentences of a text that was kept.

    Raises:
        DataError: there is none of this number.
    """
    if re.fullmatch("[0-9a-f]{16}", number):
        for folder in _folders(settings().home_dir):
            with suppress(FileNotFoundError):
                return [*filter(is_visible, (folder / f"{number}.txt").read_text("utf-8").splitlines())]
    raise DataError("data_missing", name=OWN, path=f"SSLREC_HOME/texts/{number or '?'}.txt")


def remove(number: str) -> None:
    """Remove a visitor's text."""
    (_folders(settings().home_dir)[True] / f"{number}.txt").unlink(missing_ok=True)


def remove_unnamed(home: Path, named: Collection[str]) -> None:
    """Remove the visitors' texts that no run names any more; one that was just written stays, as its run may follow.

    Args:
        home: `SSLREC_HOME`, or where else the runs lie.
        named: the numbers of the texts that runs learn from.
    """
    before = time.time() - JUST_WRITTEN
    for path in _folders(home)[True].glob("*"):  # also what a full disk, or the end of a process, has left unfinished
        with suppress(OSError):  # gone already, or it goes the next time
            if path.stem not in named and path.stat().st_mtime < before:
                path.unlink()


def _folders(home: Path) -> tuple[Path, Path]:
    """Where the texts of this machine's user lie, and those of the app's visitors."""
    return home / "texts", home / "texts" / "visitors"
