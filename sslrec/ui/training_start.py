"""What a click on Start does: it starts once, however often and fast the button is hit."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

from sslrec.config import settings
from sslrec.errors import RunError, SslrecError
from sslrec.runs.control import Controller, shared
from sslrec.runs.events import RunConfig
from sslrec.ui.training_commands import keep_problem
from sslrec.ui.training_held import held, keep_running_asked, put
from sslrec.ui.training_presence import hold, new_owner, session_id

REMEMBERED = 1_000
"""Sessions whose last start is known."""


class Starts:
    """The last start of each session.

    It is no part of the session's state: Streamlit answers a second click in a second thread, while the first one
    still starts its run, and gives each its own view of that state.
    """

    def __init__(self) -> None:
        self._last: OrderedDict[tuple[str, str], tuple[list[RunConfig], tuple[str, ...]]] = OrderedDict()
        self._lock = threading.Lock()

    def start(
        self, controller: Controller, slot: str, configs: Sequence[RunConfig], session: str, keep_running: bool
    ) -> tuple[str, ...]:
        """Start runs, unless the last click asked for the same and they are still at work.

        Args:
            controller: starts them.
            slot: `run` or `race`.
            configs: of the runs.
            session: who asks.
            keep_running: whether they go on without their visitor.

        Returns:
            The ids of the runs at work, new or not.

        Raises:
            SslrecError: they cannot be started.
        """
        with self._lock:
            asked, last = self._last.get((session, slot), ([], ()))
            if asked == list(configs) and at_work(controller, last):
                return last
            owner = new_owner(session)
            if slot == "race":
                ids = controller.start_race(configs, owner, keep_running)
            else:
                ids = (controller.start(configs[0], owner, keep_running),)
            self._last[session, slot] = list(configs), ids
            self._last.move_to_end((session, slot))
            while len(self._last) > REMEMBERED:
                self._last.popitem(last=False)
            return ids


_starts = Starts()


def at_work(controller: Controller, run_ids: Sequence[str]) -> bool:
    """Whether any of some runs waits or trains; one that is gone does not."""
    try:
        return any(controller.view(run_id).status.alive for run_id in run_ids)
    except RunError:
        return False


def start(slot: str, make: Callable[[], Sequence[RunConfig]], keep: str) -> None:
    """Start what a button stands for and look at it; what is wrong is told.

    Args:
        slot: `run` or `race`.
        make: the configurations.
        keep: key of the switch that lets runs go on without their visitor; empty where there is none.
    """
    if at_work(shared(), held(slot)):
        return
    try:
        ids = _starts.start(shared(), slot, make(), session_id(), keep_running_asked(keep))
        put(slot, ids)
        hold(shared().view(ids[0]).owner)
    except SslrecError as error:
        keep_problem(error)
    except OSError:  # what is to be learned from could not be put where the training finds it
        keep_problem(RunError("run_unwritten", folder=str(settings().home_dir)))
