"""Which runs a visitor looks at: in the URL, so that a reload or a link finds them again."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from sslrec.runs.control import RACERS

SLOTS = ("run", "race")
"""The query parameters."""
SEPARATOR = "."
"""Between the ids of a race."""


def held(slot: str) -> tuple[str, ...]:
    """The ids of the runs that this visitor looks at; none if there are none.

    What the URL says wins. Without it the session's own holds, which has survived a visit to another page, and
    comes back into the URL.

    Args:
        slot: one of `SLOTS`.
    """
    run_ids = named(slot)
    if run_ids:
        put(slot, run_ids)
    return run_ids


def named(slot: str) -> tuple[str, ...]:
    """The same, where the page shows something else just now: nothing comes into the URL."""
    asked = st.query_params.get(slot) or st.session_state.get(f"training.{slot}", "")
    return tuple(dict.fromkeys(filter(None, asked.split(SEPARATOR))))[:RACERS]


def remember(slot: str, run_ids: Sequence[str]) -> None:
    """Look at these runs from now on, as far as this session goes."""
    st.session_state[f"training.{slot}"] = SEPARATOR.join(run_ids)


def put(slot: str, run_ids: Sequence[str]) -> None:
    """Look at these runs from now on, after a reload too."""
    remember(slot, run_ids)
    text = SEPARATOR.join(run_ids)
    if st.query_params.get(slot) != text:
        st.query_params[slot] = text


def forget(slot: str) -> None:
    """Look at none any more."""
    st.session_state.pop(f"training.{slot}", None)
    st.query_params.pop(slot, None)


def keep_running_asked(key: str) -> bool:
    """What the switch of that key says, where there is one."""
    return bool(key and st.session_state.get(key))
