"""Pictures in a zip or in a folder, found by name and read one at a time."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol

from sslrec.config import settings
from sslrec.data.catalogue.picture_names import ARCHIVES, SUFFIXES, PictureNames, is_address
from sslrec.data.catalogue.sheets import Origin, encodable
from sslrec.errors import CatalogueError, ImageError

KEPT = 1_000
"""Refused files that are named; all are counted."""


@dataclass(frozen=True)
class Refused:
    """A file among the pictures that is not used.

    Attributes:
        name: its path within the archive or the folder.
        error: why.
    """

    name: str
    error: CatalogueError


class Refusals:
    """What was refused among the pictures: all of it is counted, the first of it named."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[Refused] = []

    def add(self, code: str, name: str, **params: object) -> CatalogueError:
        """Note that a file is refused."""
        error = CatalogueError(code, picture=name, **params)
        self.count += 1
        if len(self.first) < KEPT:
            self.first.append(Refused(str(error.params["picture"]), error))
        return error


class Pictures(Protocol):
    """Pictures that a table's cells name."""

    refused: Refusals

    def __len__(self) -> int:
        """How many there are, without the refused ones."""
        ...

    def find(self, reference: str, exact: bool = False) -> str | None:
        """The picture that a cell means, or None.

        Args:
            reference: what the cell says.
            exact: whether the folder that it says has to fit.

        Raises:
            CatalogueError: several fit, or the one that fits is refused.
        """
        ...

    def find_own(self, item_id: str, is_id: Callable[[str], bool]) -> str | None:
        """The picture that goes by a product's id, or None; see `PictureNames.find_own`.

        Raises:
            CatalogueError: several fit, or the one that fits is refused.
        """
        ...

    def read(self, name: str) -> bytes:
        """The bytes of a picture that was found.

        Raises:
            CatalogueError: it cannot be read.
            ImageError: it is too large.
        """
        ...

    def close(self) -> None:
        """Close what is open."""
        ...


class PictureFolder:
    """Pictures in a folder and the folders in it; links are not followed.

    Args:
        folder: where they lie.

    Raises:
        CatalogueError: there is no such folder, or it holds too many files.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise CatalogueError("table_missing", name=str(folder))
        self._folder = folder
        self.refused = Refusals()
        self._odd: dict[str, str] = {}
        self._names = PictureNames(self._walk())

    def __len__(self) -> int:
        return len(self._names)

    def find(self, reference: str, exact: bool = False) -> str | None:
        """The picture that a cell means, or None; see `Pictures`."""
        return self._names.find(reference, exact)

    def find_own(self, item_id: str, is_id: Callable[[str], bool]) -> str | None:
        """The picture that goes by a product's id, or None; see `Pictures`."""
        return self._names.find_own(item_id, is_id)

    def read(self, name: str) -> bytes:
        """The bytes of a picture that `find` named; see `Pictures`."""
        limit = settings().max_image_bytes
        try:
            # Opened without following a link that has taken the file's place since.
            descriptor = os.open(
                self._folder / self._odd.get(name, name), os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | _BINARY
            )
            with os.fdopen(descriptor, "rb") as stream:
                data = stream.read(limit + 1)
        except OSError as error:
            reason = error.strerror or str(error)
            raise CatalogueError("image_unreadable", name=name, reason=reason) from error
        return within(data, name, limit)

    def close(self) -> None:
        """Nothing is open between calls."""

    def __enter__(self) -> PictureFolder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _walk(self) -> Iterator[str]:
        limit, seen = settings().max_archive_entries, 0
        for parent, folders, files in os.walk(self._folder):
            folders[:] = sorted(name for name in folders if not is_noise(name))
            for file in sorted(files):
                seen += 1
                if seen > limit:
                    raise CatalogueError("archive_entries", name=str(self._folder), limit=limit)
                path = Path(parent, file)
                given = path.relative_to(self._folder).as_posix()
                name = encodable(given)
                if name != given:  # bytes that are no text, which no page and no file can hold
                    self._odd[name] = given
                if is_noise(name):
                    continue
                if path.is_symlink():
                    self.refused.add("picture_link", name)
                elif not stat.S_ISREG(path.stat().st_mode):
                    self.refused.add("picture_suffix", name)
                elif refusal := refusal_by_name(name):
                    self.refused.add(refusal, name)
                else:
                    yield name


_BINARY = getattr(os, "O_BINARY", 0)  # Windows' own


def within(data: bytes, name: str, limit: int) -> bytes:
    """The same bytes.

    Raises:
        ImageError: there are more than the limit.
    """
    if len(data) > limit:
        raise ImageError("image_too_large", name=name, size=len(data), limit=limit)
    return data


def is_noise(name: str) -> bool:
    """Whether a file is what systems leave beside the pictures: hidden files, thumbnails, a Mac's second copies."""
    parts = name.split("/")
    return any(_is_hidden(part) or part == "__MACOSX" for part in parts) or parts[-1].lower() in _LEFT


def _is_hidden(part: str) -> bool:
    """Whether a part of a path hides what it names; `./a.jpg`, as `tar` and `zip -r x.zip .` write it, is `a.jpg`."""
    return part.startswith(".") and part not in (".", "..")


_LEFT = ("thumbs.db", "desktop.ini")


def refusal_by_name(name: str) -> str | None:
    """Why a file is not even looked into: it is called like an archive, or like anything else but a picture."""
    lower = name.lower()
    if lower.endswith(ARCHIVES):
        return "picture_archive"
    suffix = Path(lower).suffix
    # Without a suffix, or with one that is part of a number, what is inside decides.
    if suffix and suffix not in SUFFIXES and not suffix[1:].isdecimal():
        return "picture_suffix"
    return None


def open_pictures(data: bytes | str | os.PathLike[str], name: str | None = None) -> Pictures:
    """Open a zip or a folder of pictures.

    Args:
        data: the bytes of a zip, or a path.
        name: what to call it in an error; by default the path's last part, or `the archive`.

    Raises:
        CatalogueError: there is no such file or folder, it is no zip, damaged, or beyond the limits.
    """
    from sslrec.data.catalogue.archive import PictureArchive

    if not isinstance(data, bytes) and Path(data).is_dir():
        return PictureFolder(Path(data))
    return PictureArchive(Origin.of(data, name or ("the archive" if isinstance(data, bytes) else None)))


def find_picture(
    pictures: Pictures | None,
    reference: str | None,
    own_id: str | None,
    exact: bool = False,
    is_id: Callable[[str], bool] = lambda name: False,
) -> str | None:
    """The picture of a product.

    Args:
        pictures: what was sent, or None.
        reference: what the picture's cell says, or None where it is empty.
        own_id: the product's id, which the picture may be called by where no cell names another; None without one.
        exact: whether the folder that the cell says has to fit.
        is_id: whether a name in the form of `plain_id` is the id of a product of the table.

    Returns:
        The picture's name; None where there is none and nobody said that there were.

    Raises:
        CatalogueError: several fit, the one that fits is refused, or the cell names one that is not there
            (`picture_missing` or `picture_url`).
    """
    found = None
    if pictures is not None and reference:
        found = pictures.find(reference, exact)
    elif pictures is not None and own_id:
        found = pictures.find_own(own_id, is_id)
    if found is None and reference is not None:
        raise CatalogueError("picture_url" if is_address(reference) else "picture_missing", picture=reference)
    return found
