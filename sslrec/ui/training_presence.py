"""Who watches a training: as long as one browser does, on whichever page of the app, its owner counts as present.

An owner is one start of one session: a run, or the runs of a race. A reload makes a new session, and a link opens one
more; both find the run through the URL and then hold it too, but nothing else that its starter trains. Nothing on the
page has to tick for that: a thread asks Streamlit which sessions are connected and tells the controller.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from functools import cache

from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from sslrec.runs.control import shared

TICK_SECONDS = 0.5
"""Between looks at the sessions."""
MEMORY_SECONDS = 120.0
"""How long a session that is not connected may come back."""
START = "/"
"""Between a session's id and the number of one of its starts in an owner."""


def session_id() -> str:
    """The id of this visitor's session."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def new_owner(session: str) -> str:
    """The owner of what a session starts, or lets go on, with one click."""
    return f"{session}{START}{secrets.token_hex(4)}"


def is_mine(owner: str) -> bool:
    """Whether this visitor's session is the one that started something."""
    return owner.partition(START)[0] == session_id()


def is_connected(session: str) -> bool:
    """Whether a browser is connected to a session; without a server, as in tests, it counts as connected."""
    return not runtime.exists() or runtime.get_instance().is_active_session(session)


class Presence:
    """Touches the owners of runs while somebody watches.

    A session that is not connected is remembered for a while: Streamlit takes a browser back after a gap in the
    network, and the controller gives an owner some seconds before its runs end.

    Args:
        touch: says that an owner is there, such as `Controller.touch`.
        connected: whether a session is.
        tick: seconds between two looks.
        memory: seconds until a session that is not connected is forgotten.
    """

    def __init__(
        self,
        touch: Callable[[str], None],
        connected: Callable[[str], bool] = is_connected,
        tick: float = TICK_SECONDS,
        memory: float = MEMORY_SECONDS,
    ) -> None:
        self._touch, self._connected = touch, connected
        self._tick, self._memory = tick, memory
        self._seen: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def watch(self, owner: str, session: str) -> None:
        """Let a session hold the runs of an owner until its browser leaves."""
        with self._lock:
            self._seen[owner, session] = time.monotonic()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="presence", daemon=True)
                self._thread.start()
        self._touch(owner)

    def is_held(self, owner: str) -> bool:
        """Whether some session holds an owner's runs, or did a while ago."""
        with self._lock:
            return any(one == owner for one, _ in self._seen)

    def look(self) -> bool:
        """Touch every owner of whom a watcher is connected; returns whether any watcher is remembered."""
        now = time.monotonic()
        with self._lock:
            present = [pair for pair in self._seen if self._connected(pair[1])]
            self._seen |= dict.fromkeys(present, now)
            self._seen = {pair: seen for pair, seen in self._seen.items() if now - seen <= self._memory}
            left = bool(self._seen)
            if not left:
                self._thread = None
        for owner in {owner for owner, _ in present}:
            self._touch(owner)
        return left

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
