"""Catalogues that the visitors of one process share, opened in threads of their own."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import cache
from pathlib import Path

from sslrec.data.catalogue import FILE, KNOWN, load_catalogue
from sslrec.errors import CatalogueError
from sslrec.serving.adapted import adapted_to
from sslrec.serving.catalogues import CatalogueIndex
from sslrec.serving.recommender import Recommender, shared_recommender

OTHERS = 3
"""Catalogues without a name of their own that are open at once, at most."""


class Opening:
    """A named catalogue that is being opened in a thread of its own; encoding a large one takes minutes.

    Args:
        name: one of `KNOWN`, or a path.
        recommender: its models.
    """

    def __init__(self, name: str, recommender: Recommender) -> None:
        self.name = name
        self.done = 0
        """Products encoded so far."""
        self.total = 0
        """Of how many; 0 until that is known, or where nothing has to be encoded."""
        self._recommender = recommender
        self._index: CatalogueIndex | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._open, name=f"open {name}", daemon=True)
        self._thread.start()

    @property
    def is_ready(self) -> bool:
        """Whether `index` answers at once, with the catalogue or with an error."""
        return not self._thread.is_alive()

    @property
    def failed(self) -> bool:
        """Whether the catalogue could not be opened; `index` says why."""
        return self._error is not None

    def index(self, seconds: float | None = None) -> CatalogueIndex:
        """The catalogue, once it is open.

        Args:
            seconds: how long to wait for it; without end by default.

        Raises:
            SslrecError: it cannot be opened, or not so soon.
        """
        self._thread.join(seconds)
        if not self.is_ready:
            raise CatalogueError("catalogue_opening", name=self.name, done=self.done, total=self.total)
        if self._error is not None:
            raise self._error
        assert self._index is not None
        return self._index

    def _open(self) -> None:
        try:
            catalogue = load_catalogue(self.name)
            # One that was adapted to this very catalogue goes before any other.
            recommender = adapted_to(catalogue) or self._recommender
            self._index = recommender.open_catalogue(catalogue, self._tell)
        except BaseException as error:  # a thread has nobody above it
            self._error = error

    def _tell(self, done: int, total: int) -> None:
        self.done, self.total = done, total


class OpenCatalogues:
    """The catalogues that the visitors of this process share; each is opened once.

    Those with a name of their own stay open, and of the others the last few that were asked for.

    Args:
        recommender: its models.
    """

    def __init__(self, recommender: Recommender) -> None:
        self._recommender = recommender
        self._openings: OrderedDict[str, Opening] = OrderedDict()
        self._written: dict[str, int] = {}
        self._lock = threading.Lock()

    def open(self, name: str) -> Opening:
        """Begin to open a catalogue, or find it open; one that failed, or was written anew since, is opened again."""
        written = _written(name)
        with self._lock:
            found = self._openings.get(name)
            if found is None or found.failed or written != self._written.get(name):
                found = self._openings[name] = Opening(name, self._recommender)
                self._written[name] = written
            self._openings.move_to_end(name)
            for other in [other for other in self._openings if other not in KNOWN][:-OTHERS]:
                del self._openings[other], self._written[other]
            return found

    def forget(self, name: str) -> None:
        """Let go of a catalogue that was removed."""
        with self._lock:
            self._openings.pop(name, None)
            self._written.pop(name, None)


def _written(name: str) -> int:
    """When the file of a catalogue that is named by a path was written; 0 for the others."""
    if name in KNOWN:
        return 0
    path = Path(name) / FILE if Path(name).is_dir() else Path(name)
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@cache
def shared_catalogues() -> OpenCatalogues:
    """The open catalogues of this process."""
    return OpenCatalogues(shared_recommender())
