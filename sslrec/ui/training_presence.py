"""Who watches a training: as long as one browser does, on whichever page of the app, its owner counts as present.

A run belongs to the session that started it. A reload makes a new session, and a link opens one more; both find
the run through the URL and then hold it too. Nothing on the page has to tick for that: a thread asks Streamlit
which sessions are connected and tells the controller.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from sslrec.runs.control import shared

TICK_SECONDS = 1.0
"""Between looks at the sessions."""


def session_id() -> str:
    """The id of this visitor's session."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def is_connected(session: str) -> bool:
    """Whether a browser is connected to a session; without a server, as in tests, it counts as connected."""
    return not runtime.exists() or runtime.get_instance().is_active_session(session)


class Presence:
    """Touches the owners of runs while somebody watches.

    Args:
        touch: says that an owner is there, such as `Controller.touch`.
        connected: whether a session is.
        tick: seconds between two looks.
    """

    def __init__(
        self, touch: Callable[[str], None], connected: Callable[[str], bool] = is_connected, tick: float = TICK_SECONDS
    ) -> None:
        self._touch, self._connected, self._tick = touch, connected, tick
        self._watchers: dict[str, set[str]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def watch(self, owner: str, session: str) -> None:
        """Let a session hold the runs of an owner until its browser leaves."""
        with self._lock:
            self._watchers.setdefault(owner, set()).add(session)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="presence", daemon=True)
                self._thread.start()
        self._touch(owner)

    def look(self) -> bool:
        """Touch every owner of whom a watcher is connected; returns whether there is any watcher left.

        A session that is not connected now may be again: Streamlit takes a browser back after a gap in the network.
        It is forgotten only when its owner has nobody left; the controller gives such an owner some seconds more.
        """
        with self._lock:
            present = {o for o, sessions in self._watchers.items() if any(map(self._connected, sessions))}
            self._watchers = {owner: self._watchers[owner] for owner in present}
            if not present:
                self._thread = None
        for owner in present:
            self._touch(owner)
        return bool(present)

    def _run(self) -> None:
        pause = threading.Event()
        while not pause.wait(self._tick):
            if not self.look():
                return


@cache
def presence() -> Presence:
    """The one of this process."""
    return Presence(shared().touch)


def hold(owner: str) -> None:
    """Keep the runs of an owner alive while this visitor's browser is there."""
    if owner:
        presence().watch(owner, session_id())
        st.session_state.setdefault("training.owners", set()).add(owner)


def hold_all() -> None:
    """Go on holding what this visitor has held, after a gap in the network as well; call it on every page."""
    for owner in st.session_state.get("training.owners", ()):
        presence().watch(owner, session_id())
