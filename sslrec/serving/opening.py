"""Opening catalogues in threads of their own, and those that the visitors of one process share."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import cache
from pathlib import Path

from sslrec.data.catalogue import FILE, KNOWN, Catalogue, load_catalogue
from sslrec.errors import CatalogueError
from sslrec.serving.adapted import adapted_to
from sslrec.serving.catalogues import CatalogueIndex, index_catalogue
from sslrec.serving.recommender import Recommender, shared_recommender
from sslrec.serving.vectors import Progress, encode_catalogue

OTHERS = 3
"""Catalogues without a name of their own that are open at once, at most."""


class Opening:
    """A catalogue that is being opened in a thread of its own; encoding a large one takes minutes.

    Args:
        name: of the catalogue, for what is said of it.
        work: opens it; is given a function to call with how many products are encoded and of how many.
    """

    def __init__(self, name: str, work: Callable[[Progress], CatalogueIndex]) -> None:
        self.name = name
        self.done = 0
        """Products encoded so far."""
        self.total = 0
        """Of how many; 0 until that is known, or where nothing has to be encoded."""
        self._work = work
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
            self._index = self._work(self._tell)
        except BaseException as error:  # a thread has nobody above it
            self._error = error

    def _tell(self, done: int, total: int) -> None:
        self.done, self.total = done, total


def open_named(name: str, recommender: Recommender) -> Opening:
    """Begin to open a catalogue.

    Args:
        name: one of `KNOWN`, or a path.
        recommender: for catalogues without one that was adapted to them.
    """

    def work(tell: Progress) -> CatalogueIndex:
        catalogue = load_catalogue(name)
        chosen = adapted_to(catalogue) or recommender
        chosen.warm_up()
        return chosen.open_catalogue(catalogue, tell)

    return Opening(name, work)


def open_adapted(catalogue: Catalogue, trained: Path) -> Opening:
    """Begin to encode a catalogue with a recommender that was adapted to it.

    Args:
        catalogue: the products.
        trained: folder of the artefact.
    """

    def work(tell: Progress) -> CatalogueIndex:
        recommender = Recommender(trained)
        recommender.warm_up()
        return index_catalogue(catalogue, encode_catalogue(recommender, catalogue, tell), recommender)

    return Opening(catalogue.source, work)


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
                found = self._openings[name] = open_named(name, self._recommender)
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
