"""Products as training examples: pictures and names, nothing else of a catalogue."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sslrec.channels import Pipeline, Rejected, Row, Stage
from sslrec.data.catalogue import Catalogue
from sslrec.data.folding import fold_symbols
from sslrec.data.markup import plain_text
from sslrec.data.swaps import normalised
from sslrec.data.tokens import TextTokenizer, pad
from sslrec.errors import CatalogueError

VALIDATION_SHARE = 40
"""One of so many names validates; it is another part than the held-out one, which only measures."""
OWN_SHARE = 9
"""The same of a catalogue of somebody's own: of the names that are not held out one of nine, a tenth of all."""
LENGTH = 32
"""Pieces of a name, or of a name and description, that are read, `[CLS]` and `[SEP]` among them."""
FEWEST = 200
"""Products with picture and name that are worth adapting to, held-out ones among them."""
FEWEST_NAMES = 2
"""Different names in each part: among equal ones any picture is the right one."""


@dataclass(frozen=True, eq=False)
class Products:
    """Pairs of picture and name.

    Attributes:
        pictures: `(n, height, width, 3)` uint8 RGB, letterboxed on white.
        token_ids: `(n, length)` int32, padded.
        titles: the names, without HTML.
        groups: `(n,)` int32, equal where the names are, whatever their letters' case.
        shown: `(n,)` bool, whether a page may show the picture.
        described: whether `token_ids` are of names and descriptions.
    """

    pictures: np.ndarray
    token_ids: np.ndarray
    titles: tuple[str, ...]
    groups: np.ndarray
    shown: np.ndarray
    described: bool = False

    def __len__(self) -> int:
        return len(self.titles)

    def part(self, rows: np.ndarray) -> Products:
        """The products of some rows, `(k,)` integers or `(n,)` bool."""
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows
        titles = tuple(self.titles[row] for row in rows)
        arrays = (self.pictures[rows], self.token_ids[rows], titles, self.groups[rows], self.shown[rows])
        return Products(*arrays, described=self.described)

    def by_name(self, tokenizer: TextTokenizer) -> Products:
        """The same without their descriptions."""
        token_ids = _padded([tokenizer.encode(fold_symbols(title), LENGTH).ids for title in self.titles], tokenizer)
        return replace(self, token_ids=token_ids, described=False)


def is_usable(catalogue: Catalogue) -> np.ndarray:
    """Which products can be learned from, `(n,)` bool: those with a name and a picture, the held-out ones too."""
    return catalogue.pictured & np.array([bool(plain_text(title).strip()) for title in catalogue.titles], bool)


def require_enough(catalogue: Catalogue, name: str) -> None:
    """Make sure that a catalogue is worth adapting to, as far as its names tell; no picture is decoded.

    Args:
        catalogue: any.
        name: what to call it in an error.

    Raises:
        CatalogueError: it has too few products with picture and name (`catalogue_few`), or the part that is learned
            from, the one that validates or the held-out one has too few different names (`catalogue_alike`).
    """
    usable = is_usable(catalogue)
    count = int(usable.sum())
    if count < FEWEST:
        raise CatalogueError("catalogue_few", name=name, count=count, limit=FEWEST)
    titles, held_out = catalogue.titles, catalogue.held_out
    names: tuple[set[str], ...] = (set(), set(), set())
    for row in np.flatnonzero(usable):
        title = plain_text(titles[row])
        names[2 if held_out[row] else is_validation(title, OWN_SHARE)].add(normalised(title))
    if min(map(len, names)) < FEWEST_NAMES:
        raise CatalogueError("catalogue_alike", name=name)


def is_validation(name: str, share: int = VALIDATION_SHARE) -> bool:
    """Whether items of this name validate: a fixed part, one of `share`, of the names that are not held out."""
    return zlib.crc32(name.strip().lower().encode()) // 10 % share == 1


def load_products(
    catalogues: Sequence[Catalogue],
    tokenizer: TextTokenizer,
    height: int,
    width: int,
    validation_share: int = VALIDATION_SHARE,
    described: bool = False,
) -> tuple[Products, Products]:
    """Read what a recommender learns from; held-out items are left out, and so are those without picture or name.

    Args:
        catalogues: what to read.
        tokenizer: turns names into pieces.
        height: of the pictures, in pixels.
        width: of the pictures, in pixels.
        validation_share: one of so many names validates.
        described: whether the texts are names and descriptions.

    Returns:
        The training and the validation part; no name is in both.

    Raises:
        ImageError: a picture cannot be read.
    """
    whole = _read(catalogues, tokenizer, height, width, described, held_out=False)
    validation = np.array([is_validation(title, validation_share) for title in whole.titles], bool)
    return whole.part(~validation), whole.part(validation)


def load_held_out(catalogue: Catalogue, tokenizer: TextTokenizer, height: int, width: int) -> Products:
    """Read the held-out items of a catalogue that have picture and name: about a tenth, which only measures, by name.

    Args:
        catalogue: what to read.
        tokenizer: turns names into pieces.
        height: of the pictures, in pixels.
        width: of the pictures, in pixels.

    Raises:
        ImageError: a picture cannot be read.
    """
    return _read([catalogue], tokenizer, height, width, described=False, held_out=True)


def _read(
    catalogues: Sequence[Catalogue],
    tokenizer: TextTokenizer,
    height: int,
    width: int,
    described: bool,
    held_out: bool,
) -> Products:
    chosen, titles, texts, shown = [], [], [], []
    for catalogue in catalogues:
        names = [plain_text(title) for title in catalogue.titles]
        rows = np.flatnonzero(is_usable(catalogue) & (catalogue.held_out == held_out))
        chosen += [(catalogue, int(row)) for row in rows]
        titles += [names[row] for row in rows]
        texts += catalogue.wordings(rows) if described else [names[row] for row in rows]
        shown.append(catalogue.shown[rows])
    _, groups = np.unique([normalised(title) for title in titles], return_inverse=True)
    pictures, ids = _read_parts(chosen, texts, tokenizer, height, width)
    arrays = (pictures, _padded(ids, tokenizer), tuple(titles), groups.astype(np.int32), np.concatenate(shown))
    return Products(*arrays, described=described)


def _padded(ids: list[np.ndarray], tokenizer: TextTokenizer) -> np.ndarray:
    return pad(ids, tokenizer.pad_id)[0] if ids else np.zeros((0, 1), np.int32)


def _read_parts(
    chosen: Sequence[tuple[Catalogue, int]],
    texts: Sequence[str],
    tokenizer: TextTokenizer,
    height: int,
    width: int,
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Pictures and pieces of some products, side by side in threads; the pictures go where they stay, with no copy."""

    def refuse(found: Rejected) -> None:
        raise found.error

    rows = (Row(place, {"image": one, "text": texts[place]}) for place, one in enumerate(chosen))
    stages = {
        "image": (Stage("decode", lambda one: one[0].picture(one[1], height, width), workers=2),),
        "text": (Stage("tokenize", lambda text: tokenizer.encode(fold_symbols(text), LENGTH).ids),),
    }
    pictures = np.empty((len(chosen), height, width, 3), np.uint8)
    ids: list[np.ndarray] = []
    with Pipeline(rows, stages, ordered=True, on_reject=refuse) as pipeline:
        for batch in pipeline:
            pictures[len(ids) : len(ids) + len(batch)] = batch.parts["image"]
            ids += batch.parts["text"]
    return pictures, ids


def hash_of(products: Products) -> str:
    """Hex SHA-256 of names and pictures."""
    digest = hashlib.sha256("\n".join(products.titles).encode())
    digest.update(products.pictures.tobytes())
    return digest.hexdigest()
