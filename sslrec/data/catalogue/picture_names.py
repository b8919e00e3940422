"""Which picture a cell of a table means, among those that were sent."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from urllib.parse import unquote

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
        self._by_path: dict[str, tuple[str, ...]] = {}
        for name in dict.fromkeys(names):
            path = _plain(name)
            # Two are as good as many, and in many a shop thousands of folders hold a `main.jpg` each.
            for places, key in ((self._by_path, path), (self._by_stem, _stem(_base(path)))):
                if len(places.get(key, ())) < 2:
                    places[key] = (*places.get(key, ()), name)
        # Backwards, so that those that end alike stand together.
        self._ends = sorted(_backwards(path) for path in self._by_path)

    def find(self, reference: str, exact: bool = False) -> str | None:
        r"""The name that a reference means.

        The same path wins over the end of a path, a longer one over a shorter; that over the same file name, and that
        over the name without its suffix.

        Args:
            reference: such as `pictures/123.jpg`, `C:\shop\123.JPG`, `123`, or an address whose last part is a name.
            exact: whether the folder that it says has to fit, of its folders the last one at least.

        Returns:
            One of the names, or None.

        Raises:
            CatalogueError: several fit as well.
        """
        path = _said(reference)
        base = _base(path)
        if not base:
            return None
        cuts = [path[place + 1 :] for place, mark in enumerate(path) if mark == "/"]
        for step, fits in (
            (path, self._by_path.get(path, ())),
            # Those that end like the reference, then those that the reference ends like.
            (path, self._ending(path)),
            *((cut, self._by_path.get(cut, ())) for cut in cuts),
            (base, self._ending(base)),
            # A name may end like a suffix that is none, such as `12.5`.
            (base, dict.fromkeys((*self._by_stem.get(_stem(base), ()), *self._by_stem.get(base, ())))),
        ):
            if exact and step == base != path:
                return None
            if len(fits) > 1:
                raise CatalogueError("picture_ambiguous", picture=reference)
            if fits:
                return next(iter(fits))
        return None

    def _ending(self, path: str) -> tuple[str, ...]:
        """Names whose path ends with another, or is that; two at most."""
        wanted = _backwards(path)
        start = bisect_left(self._ends, wanted)
        alike = [end for end in self._ends[start : start + 2] if end.startswith(wanted)]
        return tuple(name for end in alike for name in self._by_path[end[-2::-1]])[:2]


def place_of(reference: str) -> tuple[str, str]:
    """The folder that a reference says, empty where it says none, and the name without its suffix."""
    folder, _, base = _said(reference).rpartition("/")
    return folder, _stem(base)


def is_address(reference: str) -> bool:
    """Whether a cell holds an address on the network."""
    return bool(_ADDRESS.match(reference))


def _path_of(address: str) -> str:
    """An address's path; `urlsplit` has a look at the host too and raises where it is none."""
    return re.split("[?#]", _ADDRESS.sub("", address, count=1), maxsplit=1)[0].partition("/")[2]


def _said(reference: str) -> str:
    return _plain(_path_of(reference) if is_address(reference) else reference)


def _plain(path: str) -> str:
    # A Mac writes an accent as a character of its own.
    text = unicodedata.normalize("NFC", unquote(path))
    parts = text.replace("\\", "/").casefold().strip().split("/")
    return "/".join(part for part in parts if part not in ("", ".", ".."))


def _backwards(path: str) -> str:
    return f"/{path}"[::-1]


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def _stem(base: str) -> str:
    suffix = next((suffix for suffix in SUFFIXES if base.endswith(suffix)), "")
    return base.removesuffix(suffix) or base
