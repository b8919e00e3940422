"""Which picture a cell of a table means, among those that were sent."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import unquote

from sslrec.errors import CatalogueError

SUFFIXES = (".png", ".jpg", ".jpeg", ".jfif", ".webp", ".gif", ".bmp", ".tif", ".tiff")
"""How picture files are called."""
ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".jar")
_SEVERAL = re.compile(
    rf"""\[?\s*["']?(\S.*?(?:{"|".join(map(re.escape, SUFFIXES))})(?:\?[^\s,;|"']*)?)["']?"""
    r"""\s*(?:[|;,\n]\s*\S|\s(?=https?://)|\]\s*$)""",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)


class PictureNames:
    """Names of pictures, found by what a table says: a path of any style, a name in any case, with or without suffix.

    Args:
        names: paths below the archive or the folder, with `/` between their parts.
    """

    def __init__(self, names: Iterable[str]) -> None:
        unique = tuple(dict.fromkeys(names))
        self._whole, self._bare = _Paths(unique, _plain), _Paths(unique, lambda name: without_suffix(_plain(name)))

    def find(self, reference: str, exact: bool = False) -> str | None:
        r"""The name that a reference means.

        The same path wins over the end of a path, a longer one over a shorter; each with its suffix over that without;
        and all these over the same file name in another folder.

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
        # A name may end like a suffix that is none, such as `12.5`.
        forms = ((self._whole, path), (self._bare, without_suffix(path)), (self._bare, path))
        steps = [fits for paths, form in forms for fits in paths.in_folder(form)]
        if not exact or base == path:
            steps += [fits for paths, form in forms for fits in paths.anywhere(_base(form))]
        for fits in steps:
            if len(fits) > 1:
                raise CatalogueError("picture_ambiguous", picture=reference)
            if fits:
                return fits[0]
        return None


class _Paths:
    """Names by one form of their paths, two of each at most: shops have thousands of folders with a `main.jpg` each."""

    def __init__(self, names: Iterable[str], form: Callable[[str], str]) -> None:
        self._names: dict[str, tuple[str, ...]] = {}
        for name in names:
            path = form(name)
            if len(self._names.get(path, ())) < 2:
                self._names[path] = (*self._names.get(path, ()), name)
        # Backwards, so that those that end alike stand together.
        self._ends = sorted(_backwards(path) for path in self._names)

    def in_folder(self, path: str) -> Iterator[tuple[str, ...]]:
        """Those of a path, those that end like it, and those that it ends like, but for its file name alone."""
        yield self._names.get(path, ())
        if "/" in path:
            yield self._ending(path)
            for place, mark in enumerate(path[: path.rindex("/")]):
                if mark == "/":
                    yield self._names.get(path[place + 1 :], ())

    def anywhere(self, base: str) -> Iterator[tuple[str, ...]]:
        """Those of a file name, in no folder and then in any."""
        yield self._names.get(base, ())
        yield self._ending(base)

    def _ending(self, path: str) -> tuple[str, ...]:
        """Names whose path ends with another, or is that; two at most."""
        wanted = _backwards(path)
        start = bisect_left(self._ends, wanted)
        alike = [end for end in self._ends[start : start + 2] if end.startswith(wanted)]
        return tuple(name for end in alike for name in self._names[end[-2::-1]])[:2]


def place_of(reference: str) -> tuple[str, str]:
    """The folder that a reference says, empty where it says none, and the file name."""
    folder, _, base = _said(reference).rpartition("/")
    return folder, base


def is_same_folder(one: str, other: str) -> bool:
    """Whether two references may mean one folder: the same, or one from further up."""
    return f"/{one}".endswith(f"/{other}") or f"/{other}".endswith(f"/{one}")


def without_suffix(path: str) -> str:
    """A path of plain form without the suffix of a picture."""
    base = _base(path)
    suffix = next((suffix for suffix in SUFFIXES if base.endswith(suffix) and base != suffix), "")
    return path.removesuffix(suffix)


def first_name(cell: str) -> str:
    """The first of the names in a cell such as `1.jpg|2.jpg` or `['1.jpg', '2.jpg']`; of any other the whole."""
    several = _SEVERAL.match(cell)
    return several[1] if several else cell


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
