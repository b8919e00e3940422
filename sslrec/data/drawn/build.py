"""Writing the built-in catalogue: draw every product, save one Parquet file and what it was made by."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sslrec.data.catalogue import FILE, SCHEMA, builtin_path
from sslrec.data.drawn.generate import PER_KIND, PICTURE_ONLY, TEXT_ONLY, Drawn, draw, encode, plan
from sslrec.errors import CatalogueError

COMMAND, MANIFEST = "python -m sslrec catalog build", "manifest.json"
CHUNK = 8  # products that a process draws before it reports


def build(
    folder: Path,
    seed: int = 0,
    per_kind: int = PER_KIND,
    processes: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Draw the catalogue and write `catalogue.parquet` and `manifest.json` into a folder.

    The same seed gives the same products and the same pixels, however many processes draw.

    Args:
        folder: where to write; it is made if it is not there.
        seed: decides everything.
        per_kind: products of each kind.
        processes: how many draw at a time; by default one a core.
        progress: called with the number of products drawn and of all.

    Returns:
        The manifest.

    Raises:
        CatalogueError: the folder holds what no earlier build left there.
    """
    require_place(folder)
    products = plan(seed, per_kind)
    images: list[bytes] = []
    workers = processes or os.cpu_count() or 1
    if workers == 1:
        for product in products:
            images.append(picture_of(product))
            progress(len(images), len(products))
    else:
        with multiprocessing.get_context("spawn").Pool(workers) as pool:
            for image in pool.imap(picture_of, products, CHUNK):
                images.append(image)
                progress(len(images), len(products))
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / FILE, lambda path: pq.write_table(as_table(products, images), path, compression="zstd"))
    manifest = _manifest(folder, products, images, seed, per_kind)
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    _write(folder / MANIFEST, lambda path: path.write_text(text, "utf-8"))
    return manifest


def require_place(folder: Path) -> None:
    """Make sure that a build may write to a folder.

    Args:
        folder: new, empty, the place of the built-in catalogue, or one that an earlier build wrote to and nobody else.

    Raises:
        CatalogueError: it holds other files, or is a file itself.
    """
    if folder.resolve() == builtin_path().parent.resolve() or not (folder.exists() or folder.is_symlink()):
        return
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else {folder.name}
    if names and not (MANIFEST in names and names <= {FILE, MANIFEST} and _is_ours(folder / MANIFEST)):
        raise CatalogueError("catalogue_drawn", folder=str(folder))


def _is_ours(path: Path) -> bool:
    """Whether a manifest is one that a build wrote."""
    try:
        said = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(said, dict) and str(said.get("command")).startswith(COMMAND)


def picture_of(product: Drawn) -> bytes:
    """The WebP file of a product."""
    return encode(draw(product))


def as_table(products: list[Drawn], images: list[bytes]) -> pa.Table:
    """The products in the catalogue's form."""
    rows = [
        {
            "item_id": product.item_id,
            "title": product.title,
            "description": product.description,
            "image": image,
            "category": product.kind.category,
            "price": product.price,
            "attributes": list(product.attributes.items()),
        }
        for product, image in zip(products, images, strict=True)
    ]
    return pa.Table.from_pylist(rows, SCHEMA)


def _manifest(folder: Path, products: list[Drawn], images: list[bytes], seed: int, per_kind: int) -> dict[str, Any]:
    digest = hashlib.sha256()
    for image in images:
        digest.update(image)
    data = (folder / FILE).read_bytes()
    extra = "" if (seed, per_kind) == (0, PER_KIND) else f" --seed {seed} --per-kind {per_kind}"
    return {
        "command": f"{COMMAND}{extra}",
        "seed": seed,
        "items": len(products),
        "kinds": dict(Counter(product.kind.name for product in products)),
        "categories": dict(Counter(product.kind.category for product in products)),
        "patterns": dict(Counter(product.pattern for product in products).most_common()),
        "text_only": list(TEXT_ONLY),
        "picture_only": list(PICTURE_ONLY),
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "pictures_sha256": digest.hexdigest(),
    }


def _write(path: Path, write: Callable[[Path], object]) -> None:
    """Write beside the place and move there, so that an interruption leaves the old file whole."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}")
    os.close(descriptor)
    temporary = Path(name)
    try:
        write(temporary)
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
