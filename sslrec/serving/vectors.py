"""Products' index vectors: brought by the artefact, or computed once and kept."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Collection
from itertools import repeat
from pathlib import Path
from typing import Protocol

import numpy as np

from sslrec.artifacts import sha256_of
from sslrec.config import settings
from sslrec.data.catalogue import Catalogue, arrow
from sslrec.data.folding import fold_symbols
from sslrec.data.markup import plain_text
from sslrec.errors import ImageError

BATCH = 64
"""Products encoded at a time."""
PIECE = 4096
"""Texts looked at together."""
Progress = Callable[[int, int], None]
"""Called with how many products are encoded and of how many."""


class Encoders(Protocol):
    """The models that make index vectors, as `Recommender` offers them."""

    @property
    def height(self) -> int:
        """Height of a picture, in pixels."""
        ...

    @property
    def width(self) -> int:
        """Width of a picture, in pixels."""
        ...

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    @property
    def reads_descriptions(self) -> bool:
        """Whether a product's text is its title and description, not its title alone."""
        ...

    def encode_texts(self, texts: Collection[str]) -> np.ndarray:
        """Texts to `(n, dim)` float32 of length 1."""
        ...

    def encode_pictures(self, pictures: np.ndarray) -> np.ndarray:
        """`(n, height, width, 3)` uint8 to `(n, dim)` float32 of length 1."""
        ...

    def reads(self, text: str) -> bool:
        """Whether a text has a word that the model knows."""
        ...


def index_vectors(text: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Products' index vectors from their texts' and pictures'.

    Args:
        text: `(n, dim)` float32 of length 1, or zeros where there is no title.
        image: `(n, dim)` float32 of length 1, or zeros where there is no picture.

    Returns:
        `(n, dim)` float32: the sum of both, of length 1, or zeros where both are.
    """
    total = text.astype(np.float32) + image.astype(np.float32)
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-6)


def encode_catalogue(encoders: Encoders, catalogue: Catalogue, progress: Progress | None = None) -> np.ndarray:
    """Compute every product's index vector.

    A title in which no word is known is left out where there is a picture, and so is a picture that cannot be read.

    Args:
        encoders: the models.
        catalogue: the products.
        progress: told after every batch.

    Returns:
        `(n, dim)` float32.
    """
    titles, pictured = catalogue.titles, catalogue.pictured
    vectors = np.zeros((len(catalogue), encoders.dim), np.float32)
    for start in range(0, len(catalogue), BATCH):
        rows = np.arange(start, min(start + BATCH, len(catalogue)))
        text, image = np.zeros((2, len(rows), encoders.dim), np.float32)
        seen, frames = _frames(encoders, catalogue, rows[pictured[rows]])
        if len(seen):
            image[seen - start] = encoders.encode_pictures(frames)
        without = ~np.isin(rows, seen)
        described = encoders.reads_descriptions
        said = catalogue.wordings(rows) if described else [plain_text(titles[row]) for row in rows]
        # Where there is no picture, a strange title is better than nothing.
        named = np.array([bool(title.strip()) and (bare or encoders.reads(title))
                          for title, bare in zip(said, without, strict=True)])  # fmt: skip
        if named.any():
            used = [fold_symbols(said[place]) for place in np.flatnonzero(named)]
            text[named] = encoders.encode_texts(used)
        vectors[rows] = index_vectors(text, image)
        if progress:
            progress(int(rows[-1]) + 1, len(catalogue))
    return vectors


def kept_path(catalogue: Catalogue, digest: str, described: bool = False) -> Path:
    """Where the vectors of a catalogue by a model are kept.

    Args:
        catalogue: its ids, titles and pictures decide.
        digest: the model's.
        described: whether the model reads descriptions, which decide then too.
    """
    content = hashlib.sha256(digest.encode())
    for column in ("item_id", "title", *(["description"] if described else [])):
        texts = catalogue.table.column(column)
        # In pieces, and of the pictures the sizes alone where they lie in a mapped file: what was read stays in memory.
        for start in range(0, len(texts), PIECE):
            # As they are encoded, so that vectors of the same words are found, and none of words that were not read.
            piece = (fold_symbols(plain_text(text or "")) for text in texts.slice(start, PIECE).to_pylist())
            content.update("\0".join(piece).encode())
            content.update(b"\0" if start + PIECE < len(texts) else b"\0\0")
    pictures = catalogue.table.column("image")
    mapped = str(pictures.type) == "binary_view"
    for size, picture in zip(arrow.to_sizes(pictures).tolist(), repeat(None) if mapped else pictures, strict=False):
        content.update(f"{size} ".encode())
        if picture is not None and size >= 0:
            content.update(picture.as_buffer())
    return settings().home_dir / "vectors" / f"{content.hexdigest()[:32]}.npy"


def load_kept(path: Path, shape: tuple[int, int]) -> np.ndarray | None:
    """Kept vectors as a memory map, or None where there are none of this shape."""
    try:
        vectors = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return vectors if vectors.shape == shape and vectors.dtype == np.float32 else None


def keep(path: Path, vectors: np.ndarray) -> None:
    """Write vectors so that nobody ever sees half of them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".vectors")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            np.save(stream, vectors)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def builtin_vectors(path: Path, catalogue: Catalogue) -> np.ndarray | None:
    """The vectors that the artefact brings for the built-in catalogue, or None where they are for another file."""
    source = Path(catalogue.source)
    if catalogue.name != "builtin" or not source.is_file():
        return None
    with np.load(path, allow_pickle=False) as arrays:
        if str(arrays["sha256"]) != sha256_of(source) or len(arrays["text"]) != len(catalogue):
            return None
        return index_vectors(arrays["text"], arrays["image"])


def _frames(encoders: Encoders, catalogue: Catalogue, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Those of the rows whose picture can be read, and the pictures."""
    seen, frames = [], []
    for row in rows:
        try:
            frames.append(catalogue.picture(int(row), encoders.height, encoders.width))
        except ImageError:
            continue
        seen.append(row)
    return np.array(seen, np.int64), np.array(frames, np.uint8)
