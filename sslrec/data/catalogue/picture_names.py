"""Which picture a cell of a table means, among those that were sent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from sslrec.errors import CatalogueError

SUFFIXES = (".png", ".jpg", ".jpeg", ".jfif", ".webp", ".gif", ".bmp", ".tif", ".tiff")
"""How picture files are called."""
ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".jar")
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)


class PictureNames:
    """Names of pictures, found by what a table says: a path of any style, a name in any case, with or without suffix.

    Args:
        names: paths below the archive or the folder, with `/` between their parts.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._by_stem: dict[str, tuple[str, ...]] = {}
        self.count = 0
        for name in names:
            self.count += 1
            stem = _stem(_base(_plain(name)))
            self._by_stem[stem] = (*self._by_stem.get(stem, ()), name)

    def find(self, reference: str) -> str | None:
        r"""The name that a reference means.

        The same path wins over the end of a path, that over the same file name, and that over the name without its
        suffix.

        Args:
            reference: such as `pictures/123.jpg`, `C:\shop\123.JPG`, `123`, or an address whose last part is a name.

        Returns:
            One of the names, or None.

        Raises:
            CatalogueError: several fit as well.
        """
        path = _plain(urlsplit(reference).path if is_address(reference) else reference)
        base = _base(path)
        if not base:
            return None
        # A name may end like a suffix that is none, such as `12.5`.
        candidates = dict.fromkeys((*self._by_stem.get(_stem(base), ()), *self._by_stem.get(base, ())))
        plain = {name: _plain(name) for name in candidates}
        for fits in (
            [name for name, other in plain.items() if other == path],
            [name for name, other in plain.items() if other.endswith(f"/{path}") or path.endswith(f"/{other}")],
            [name for name, other in plain.items() if _base(other) == base],
            list(plain),
        ):
            if len(fits) > 1:
                raise CatalogueError("picture_ambiguous", picture=reference)
            if fits:
                return fits[0]
        return None


def is_address(reference: str) -> bool:
    """Whether a cell holds an address on the network."""
    return bool(_ADDRESS.match(reference))


def _plain(path: str) -> str:
    parts = unquote(path).replace("\\", "/").casefold().strip().split("/")
    return "/".join(part for part in parts if part not in ("", ".", ".."))


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def _stem(base: str) -> str:
    suffix = next((suffix for suffix in SUFFIXES if base.endswith(suffix)), "")
    return base.removesuffix(suffix) or base
