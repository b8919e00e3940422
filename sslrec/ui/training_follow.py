"""A training that a visitor follows, on every page: a reload of any of them finds it again and keeps it alive."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from sslrec.errors import SslrecError
from sslrec.runs.control import shared
from sslrec.runs.view import RunView
from sslrec.ui.training_choices import BROUGHT
from sslrec.ui.training_held import SLOTS, named, put, remember
from sslrec.ui.training_presence import hold


def follow() -> None:
    """Keep what this visitor trains or follows, on whichever page they are, while the browser is there.

    As long as it is at work its id stays in the URL. Streamlit empties that on the way to another page, and a reload
    there makes a session which knows no more than the URL.
    """
    for slot in SLOTS:
        run_ids = named(slot)
        views = _found(run_ids)
        for view in views:
            # What is over needs nobody; but what was brought goes with its visitors, and with what was made of it.
            if view.status.alive or view.config.data in BROUGHT:
                hold(view.owner)
        if any(view.status.alive for view in views):
            put(slot, run_ids)
        elif views:
            remember(slot, run_ids)


def _found(run_ids: Sequence[str]) -> list[RunView]:
    """Those that are there and can be read."""
    found = []
    for run_id in run_ids:
        with suppress(SslrecError):
            found.append(shared().view(run_id))
    return found
