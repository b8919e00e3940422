"""Products that show the very same picture, such as a row for each size: never to be learned from and measured on."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from sslrec.data.products import FEWEST, FEWEST_NAMES, Products
from sslrec.errors import CatalogueError


def keep_apart(train: Products, validation: Products, held_out: Products) -> tuple[Products, Products, Products]:
    """Keep every picture in one part: the held-out one before the one that validates, and that before the third.

    Args:
        train: what is learned from.
        validation: what validates.
        held_out: what only measures; nothing of it is left out.

    Returns:
        The same parts without the products whose picture an earlier one has, pixel by pixel. In the two that are
        searched, `groups` are equal where the names or the pictures are: any of them is right.

    Raises:
        CatalogueError: too few products are left, or too few different ones in a part (`catalogue_pictures`).
    """
    kept, seen = [], set[str]()
    for part in (held_out, validation, train):
        pictures = np.array([hashlib.sha256(picture.tobytes()).hexdigest() for picture in part.pictures], object)
        rows = np.array([picture not in seen for picture in pictures], bool)
        seen.update(pictures)
        left = part if rows.all() else part.part(rows)
        kept.append(left if part is train else _grouped(left, pictures[rows]))
    count = sum(map(len, kept))
    if count < FEWEST or min(len(np.unique(part.groups)) for part in kept) < FEWEST_NAMES:
        raise CatalogueError("catalogue_pictures", count=count)
    held_out, validation, train = kept
    return train, validation, held_out


def _grouped(products: Products, pictures: np.ndarray) -> Products:
    """The same, their groups united where they show a picture together: `(n,)` hashes, equal where the pictures are."""
    if not len(products):
        return products
    _, numbers = np.unique(pictures, return_inverse=True)
    count = int(products.groups.max()) + 1
    nodes = count + int(numbers.max()) + 1
    # Each product ties the node of its name to the node of its picture.
    ties = coo_matrix((np.ones(len(products), bool), (products.groups, count + numbers)), (nodes, nodes))
    _, groups = connected_components(ties, directed=False)
    return replace(products, groups=groups[products.groups].astype(np.int32))
