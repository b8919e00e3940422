"""The ingests of this process's visitors: one for each at a time, and none that goes on without its visitor."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import cache
from weakref import WeakValueDictionary

from sslrec.config import settings
from sslrec.serving.ingest import Ingestion
from sslrec.ui.training_presence import TICK_SECONDS, is_connected


class Ingests:
    """Starts ingests and stops those whose visitor has left.

    Streamlit answers a second click in a second thread with a view of the session of its own, so the session cannot
    say whether an ingest runs already. Nothing but running ingests is kept here, and only by the session's own id.

    Args:
        connected: whether a browser is connected to a session.
        patience: seconds that a browser may be away, for a network has gaps; by default the settings'.
        tick: seconds between two looks.
    """

    def __init__(
        self,
        connected: Callable[[str], bool] = is_connected,
        patience: float | None = None,
        tick: float = TICK_SECONDS,
    ) -> None:
        self._connected, self._patience, self._tick = connected, patience, tick
        self._running: dict[str, Ingestion] = {}
        self._lock = threading.Lock()
        # Each is there as long as somebody holds it or waits for it.
        self._starting: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()

    def start(self, session: str, begin: Callable[[], Ingestion]) -> Ingestion:
        """Start an ingest, unless the session has one that runs; other sessions' starts and ends go on meanwhile.

        Args:
            session: the visitor's.
            begin: makes the ingest, which takes a while: it opens a table and pictures.

        Returns:
            The ingest that runs, new or not.

        Raises:
            SslrecError: it cannot begin.
        """
        with self._lock:
            own = self._starting.setdefault(session, threading.Lock())
        with own:
            with self._lock:
                running = self._running.get(session)
            if running is not None and not running.is_ready:
                return running
            ingestion = begin()
            with self._lock:
                self._running[session] = ingestion
        threading.Thread(target=self._watch, args=(session, ingestion), name="visitor's ingest", daemon=True).start()
        return ingestion

    def running(self) -> int:
        """How many ingests run."""
        with self._lock:
            return len(self._running)

    def _watch(self, session: str, ingestion: Ingestion) -> None:
        patience = settings().owner_seconds if self._patience is None else self._patience
        seen = time.monotonic()
        while not ingestion.wait(self._tick):
            if self._connected(session):
                seen = time.monotonic()
            elif time.monotonic() - seen > patience:
                ingestion.cancel()
        with self._lock:
            if self._running.get(session) is ingestion:
                del self._running[session]


@cache
def shared_ingests() -> Ingests:
    """The ones of this process."""
    return Ingests()
