"""Which picture a cell of a table means, among those that were sent."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from urllib.parse import unquote

from sslrec.data.catalogue.formulas import without_formula
from sslrec.errors import CatalogueError

SUFFIXES = (".png", ".jpg", ".jpeg", ".jfif", ".webp", ".gif", ".avif", ".bmp", ".tif", ".tiff", ".heic", ".heif")
"""How picture files are called; that HEIC is not read is said of each, better than that it is no picture."""
ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".jar")
_SUFFIX = f"(?:{'|'.join(map(re.escape, SUFFIXES))})"
_NAME = rf"""\S.*?{_SUFFIX}(?:\?[^\s,;|"'；，、]*)?"""
"""A picture's name, with what a shop's address may say after it."""
_SEVERAL = re.compile(
    rf"""\[?\s*["']?({_NAME})["']?\s*(?:[|;,\n；，、]\s*(?:\S|$)|\s\(?(?=https?://)|\]\s*$)""", re.IGNORECASE
)
_ADDRESSES = re.compile(r"(https?://\S*?[^|;,\s；，、])[|;,\s；，、]+(?=https?://)", re.IGNORECASE)
"""Several addresses, which need not end as pictures do."""
_APART = re.compile(rf"({_NAME})(\s+(?:/\s+)?\S.*?{_SUFFIX})", re.IGNORECASE | re.DOTALL)
"""Names that are apart by a blank or by a slash within blanks, unless they are one."""
_QUERY = re.compile(rf"({_SUFFIX})[?#].*", re.IGNORECASE | re.DOTALL)
"""What a shop's own address says after a picture's name, such as `?v=1`."""
_NUMBERED = re.compile(r"(.+)[_-]([0-9]{1,9})", re.DOTALL)
_FLOAT = re.compile(r"([0-9]+)\.0+")
"""How programs write a whole number in a column with gaps."""
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)


class PictureNames:
    """Names of pictures, found by what a table says: a path of any style, a name in any case, with or without suffix.

    Args:
        names: paths below the archive or the folder, with `/` between their parts.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._unique = tuple(dict.fromkeys(names))
        self._whole = _Paths(self._unique, _plain)
        self._bare = _Paths(self._unique, lambda name: without_suffix(_plain(name)))

    def __len__(self) -> int:
        return len(self._unique)

    def find(self, reference: str, exact: bool = False) -> str | None:
        r"""The name that a reference means.

        The same path wins over the end of a path, a longer one over a shorter; each with its suffix over that without;
        and all these over the same file name in another folder. Of several names with blanks between them, such as
        `1.jpg 2.jpg`, it is the first, unless a picture is called so.

        Args:
            reference: such as `pictures/123.jpg`, `C:\shop\123.JPG`, `123`, or an address whose last part is a name.
            exact: whether the folder that it says has to fit, of its folders the last one at least.

        Returns:
            One of the names, or None.

        Raises:
            CatalogueError: several fit as well.
        """
        forms = [(reference, False)]
        if apart := _APART.match(reference):
            # Two paths look like one with a strange folder in it, which ends as the second does.
            forms = [(reference, _has_folder(apart[2])), (apart[1], False), (reference, False)]
        for form, is_whole in forms:
            for path in dict.fromkeys(map(_said, (form, _without_query(form)))):
                if found := self._find(path, reference, exact, is_whole):
                    return found
        return None

    def find_own(self, item_id: str, is_id: Callable[[str], bool]) -> str | None:
        """The name that a product goes by whose row names no picture.

        A picture called like its id wins; then comes the first one in a folder called so, and then of `A1_1.jpg`,
        `A1_2.jpg` the one with the lowest number. What lies in a folder that is called like another product's id, or is
        called like that itself, is the other's.

        Args:
            item_id: such as `A1`, `="00123"` as Excel writes it, or `10.0` as pandas does, where nothing is called so.
            is_id: whether a name in the form of `plain_id` is the id of a product.

        Returns:
            One of the names, or None.

        Raises:
            CatalogueError: several are called like the id.
        """
        own = plain_id(item_id)
        if "/" in own:
            return self.find(item_id)

        def is_anothers(name: str) -> bool:
            folder = _folder(name)
            return folder not in ("", own) and is_id(folder)

        def rank(name: str) -> tuple[int, bool]:
            folder = _folder(name)
            return ("", own).index(folder) if folder in ("", own) else 2, _base(_plain(name)) != own

        named = {name: rank(name) for form in (own, without_suffix(own)) for name in self._own.called.get(form, ())}
        named = {name: place for name, place in named.items() if not is_anothers(name)}
        best = [name for name, place in named.items() if place == min(named.values())]
        if len(best) == 1:
            return best[0]
        if within := self._own.within.get(own):
            return min(within, key=_natural)
        if best:
            raise CatalogueError("picture_ambiguous", picture=item_id)
        numbered = [
            (number, _natural(name), name)
            for number, name in self._own.numbered.get(own, ())
            if not is_anothers(name) and not is_id(without_suffix(_base(_plain(name))))
        ]
        if numbered:
            return min(numbered)[2]
        whole = _FLOAT.fullmatch(own)
        return self.find_own(whole[1], is_id) if whole and not is_id(whole[1]) else None

    @cached_property
    def _own(self) -> _ByOneProduct:
        # A table whose rows all name their pictures never asks.
        return _ByOneProduct(self._unique)

    def _find(self, path: str, reference: str, exact: bool, is_whole: bool) -> str | None:
        """As `find`, by a path; `is_whole`: all of it has to be a name's path or the end of one."""
        base = _base(path)
        if not base:
            return None
        # A name may end like a suffix that is none, such as `12.5`.
        forms = ((self._whole, path), (self._bare, without_suffix(path)), (self._bare, path))
        steps = [fits for paths, form in forms for fits in islice(paths.in_folder(form), 2 if is_whole else None)]
        if not is_whole and (not exact or base == path):
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


class _ByOneProduct:
    """Names by what may be a product's id in them.

    Attributes:
        called: by file name, with and without suffix.
        within: by the folder that they lie in; pictures alone.
        numbered: by what stands before a number at the end, with the number; pictures alone.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.called: dict[str, list[str]] = {}
        self.within: dict[str, list[str]] = {}
        self.numbered: dict[str, list[tuple[int, str]]] = {}
        for name in names:
            base = _base(_plain(name))
            bare = without_suffix(base)
            for form in {base, bare}:
                self.called.setdefault(form, []).append(name)
            if bare == base:
                continue
            if folder := _folder(name):
                self.within.setdefault(folder, []).append(name)
            if numbered := _NUMBERED.fullmatch(bare):
                self.numbered.setdefault(numbered[1], []).append((int(numbered[2]), name))


def plain_id(item_id: str) -> str:
    """A product's id in the form in which it is looked for among pictures."""
    return _plain(without_formula(item_id.strip()))


def place_of(reference: str) -> tuple[str, str]:
    """The folder that a reference says, empty where it says none, and the file name."""
    apart = _APART.match(reference)
    said = apart[1] if apart and _has_folder(apart[2]) else reference
    folder, _, base = _said(_without_query(said)).rpartition("/")
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
    """The first of the names in a cell such as `1.jpg|2.jpg` or `['1.jpg', '2.jpg']`; of any other the whole.

    Of a name with its address, as in Airtable's `1.jpg (https://x.example/a)`, it is the name. A blank alone divides
    none here, since a name may have some.
    """
    several = _SEVERAL.match(cell) or _ADDRESSES.match(cell)
    return several[1] if several else cell


def is_address(reference: str) -> bool:
    """Whether a cell holds an address on the network."""
    return bool(_ADDRESS.match(reference))


def _has_folder(path: str) -> bool:
    return "/" in path or "\\" in path


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


def _without_query(reference: str) -> str:
    return _QUERY.sub(r"\1", reference, count=1)


def _folder(name: str) -> str:
    """The folder that a picture lies in, without those around it; empty where it lies in none."""
    return _base(_plain(name).rpartition("/")[0])


def _natural(name: str) -> list[str | int]:
    """What sorts names as people do, 2 before 10."""
    parts = re.split("([0-9]+)", _plain(name))
    return [int(part) if place % 2 else part for place, part in enumerate(parts)]


def _backwards(path: str) -> str:
    return f"/{path}"[::-1]


def _base(path: str) -> str:
    return path.rpartition("/")[2]
