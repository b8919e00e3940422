"""What a visitor tells runs at work, and what is said where that does not fit."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from sslrec.errors import SslrecError
from sslrec.runs.control import shared
from sslrec.runs.events import Command
from sslrec.ui.language import explain
from sslrec.ui.shell import problems
from sslrec.ui.training_presence import hold, new_owner, session_id

STOP_SECONDS = 1.2
"""How long a click on Stop waits for its effect; the controller takes less."""
ECHO_SECONDS = 1.0
"""How long after the slider was moved by this program a position of it may come back from the browser."""
KEY = "training.problem"
"""Where an error that a click caused lies in the session."""
PROBLEM_SECONDS = 10.0
"""How long it is shown: the page is written anew twice a second."""


def keep_problem(error: SslrecError) -> None:
    """Show an error on the next runs of the page."""
    st.session_state[KEY] = (error, time.monotonic())


def said_problem() -> None:
    """Show what went wrong a moment ago, if something did."""
    error, since = st.session_state.get(KEY, (None, 0.0))
    if error is not None and time.monotonic() - since < PROBLEM_SECONDS:
        problems("", [explain(error)])
    else:
        st.session_state.pop(KEY, None)


def tell(run_ids: Sequence[str], name: str, **params: object) -> None:
    """Send a command to runs; one that it does not fit is passed over, unless it fits none.

    That a run has just ended, or that a second click stops what the first one has stopped, is no news.
    """
    problem, done = None, False
    for run_id in run_ids:
        try:
            shared().command(run_id, name, **params)
            done = True
        except SslrecError as error:
            problem = problem if _has_ended(run_id) else error
    if problem is not None and not done:
        keep_problem(problem)


def _has_ended(run_id: str) -> bool:
    """Whether a run is there and over."""
    try:
        return not shared().view(run_id).status.alive
    except SslrecError:
        return False


def place_rate(key: str, rate: float) -> None:
    """Put the slider where the learning rate is, as long as its visitor has not moved it.

    Args:
        key: the slider's.
        rate: its position that is nearest.
    """
    if f"{key}.told" in st.session_state:
        return
    before = st.session_state.get(key)
    if before != rate:
        st.session_state[key] = rate
        st.session_state[f"{key}.placed"] = (before, rate, time.monotonic())


def set_rate(run_ids: Sequence[str], key: str, now: float | None) -> None:
    """Pass on where the slider was moved to by its visitor.

    Args:
        run_ids: the runs.
        key: the slider's.
        now: its position for the rate in force; None where there is none, or not one of all runs.
    """
    rate, told = st.session_state[key], st.session_state.get(f"{key}.told", now)
    before, placed, since = st.session_state.get(f"{key}.placed", (None, None, 0.0))
    if rate == told:
        return
    # A browser may send a position that this program has just moved the slider to, or from.
    if rate in (before, placed) and time.monotonic() - since < ECHO_SECONDS:
        if told is not None:
            st.session_state[key] = told
        return
    st.session_state[f"{key}.told"] = rate
    tell(run_ids, Command.SET_RATE, rate=rate)


def stop(run_ids: Sequence[str]) -> None:
    """Stop runs, and stay until they are seen to have stopped: what is shown next shall say so."""
    tell(run_ids, Command.STOP)
    limit = time.monotonic() + STOP_SECONDS
    with suppress(SslrecError):  # one that was removed meanwhile has stopped, too
        while time.monotonic() < limit and any(shared().view(run_id).status.alive for run_id in run_ids):
            time.sleep(0.05)


def resume(run_ids: Sequence[str]) -> None:
    """Let runs go on from their last checkpoints, without their visitor if they did so before.

    Those of a race do so side by side, as they began.
    """
    owner = new_owner(session_id())
    try:
        shared().resume(run_ids, owner)
        hold(owner)
    except SslrecError as error:
        with suppress(SslrecError):
            if any(shared().view(run_id).status.alive for run_id in run_ids):
                return  # a second click
        keep_problem(error)


def set_keep(run_ids: Sequence[str], key: str) -> None:
    """Pass on whether runs go on without their visitor."""
    for run_id in run_ids:
        try:
            shared().keep(run_id, bool(st.session_state[key]))
        except SslrecError as error:
            keep_problem(error)
