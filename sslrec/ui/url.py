"""Choices that survive a reload and can be sent as a link.

Streamlit's own `bind="query-params"` writes an option's *label* into the URL. The labels here change
with the language, so a link made in one language would break in the other; these functions keep the
option itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

ECHO_SECONDS = 10.0
"""So long a browser may still send a URL that was replaced."""
_REPLACED, _PENDING = "url.replaced", "url.pending"
_AT, _ARRIVED, _RESTORED = "url.at", "url.arrived", "url.restored"
_OF_THE_SESSION = ("lang",)
"""What Back does not undo: with every visit to a page the browser keeps a URL that does not say it yet."""


def came_back() -> bool:
    """Whether the browser's Back or Forward brought this run.

    The URL then decides alone: what it leaves out is at its default, whatever the session holds.
    """
    context = get_script_run_ctx(suppress_warning=True)
    return context is not None and context.is_history_navigation


@contextmanager
def arriving() -> Iterator[None]:
    """Around a page's whole run, which may be the first after another page's: see `is_held`."""
    page = _page()
    st.session_state[_ARRIVED] = st.session_state.get(_AT) != page
    st.session_state[_AT] = page
    try:
        yield
    finally:
        st.session_state[_ARRIVED] = False


def is_held(key: str, said: Sequence[str]) -> bool:
    """Whether the session's value holds where the URL leaves a key out.

    Not on the way back: there it was at its default. But who comes from another page finds their choices, and the
    browser keeps the URL that they came by, which does not say them yet: Back to that one takes nothing away.

    Args:
        key: the query parameter.
        said: what a URL would say of the session's value; nothing of the default, and of what no URL can say.
    """
    restored: set[tuple[str, str]] = st.session_state.setdefault(_RESTORED, set())
    place = (_page(), key)
    if came_back():
        return not said or place in restored
    if said and st.session_state.get(_ARRIVED):
        restored.add(place)
    return True


def said_in_url(key: str) -> list[str]:
    """What the URL says of a key: its values, none where it says nothing.

    A browser that is quick sends a click with a URL that the last answer has just replaced; such a one says nothing.
    """
    values = st.query_params.get_all(key)
    is_echo = any(one[2:] == (key, values) for one in _replaced())
    return [] if is_echo and not came_back() else values


def say_in_url(key: str, values: Sequence[str]) -> None:
    """Let the URL say these values of a key; without any it says nothing of it."""
    pending: dict[str, list[str]] | None = st.session_state.get(_PENDING)
    if pending is not None:
        pending[key] = list(values)
    else:
        _say({key: list(values)})


@contextmanager
def together() -> Iterator[None]:
    """Within, `say_in_url` waits: all of it is one change of the URL, which the browser's Back undoes at once.

    A function may be decorated with it, and call others that are.
    """
    if _PENDING in st.session_state:
        yield
        return
    pending = st.session_state[_PENDING] = {}
    try:
        yield
    finally:
        del st.session_state[_PENDING]
        _say(pending)


def _say(said: dict[str, list[str]]) -> None:
    """Write the values of some keys to the URL, at once; without any it says nothing of a key."""
    before = {key: st.query_params.get_all(key) for key in st.query_params}
    changed = {key: values for key, values in said.items() if before.get(key, []) != values}
    if not changed:
        return
    _replaced().extend((time.monotonic(), _page(), key, before.get(key, [])) for key in changed)
    st.query_params.from_dict({key: values for key, values in (before | changed).items() if values})


def _replaced() -> list[tuple[float, str, str, list[str]]]:
    """When, on which page, of which key and by which values a URL was replaced: of late, and on this page alone.

    Who comes from another page comes with a link, which means what it says.
    """
    since, page = time.monotonic() - ECHO_SECONDS, _page()
    kept = [one for one in st.session_state.get(_REPLACED, []) if one[0] > since and one[1] == page]
    st.session_state[_REPLACED] = kept
    return kept


def _page() -> str:
    context = get_script_run_ctx(suppress_warning=True)
    return "" if context is None else context.page_script_hash


def choose_from_url(key: str, options: Sequence[str], default: str) -> None:
    """Settle a widget's value before the widget is shown.

    A value in the URL wins: either the visitor followed a link, or the widget itself put it there.
    Without one, the session's value holds (it survives a visit to another page), else the default; on the way
    back to an earlier URL the default.

    Args:
        key: the widget's key, which is also the query parameter.
        options: the allowed values.
        default: what is meant at first; it leaves the URL clean.
    """
    asked = said_in_url(key)
    if asked and asked[-1] in options:
        st.session_state[key] = asked[-1]
    elif st.session_state.get(key) not in options or not (key in _OF_THE_SESSION or is_held(key, _said(key, default))):
        st.session_state[key] = default
    keep_in_url(key, default)


def pick(
    label: str, key: str, options: Sequence[str], default: str, shown: Callable[[str], str], hide_label: bool = False
) -> str:
    """Show a segmented control whose choice lives in the URL.

    Args:
        label: what is chosen here.
        key: key in the session and in the URL.
        options: the values, as they stand in the URL.
        default: the value at first.
        shown: text of an option.
        hide_label: keep the label for screen readers only.

    Returns:
        The chosen option.
    """
    choose_from_url(key, options, default)
    chosen = st.segmented_control(
        label,
        options,
        key=key,
        required=True,
        format_func=shown,
        label_visibility="collapsed" if hide_label else "visible",
        on_change=keep_in_url,
        args=(key, default),
        persist_state="session",
        wrap=True,
    )
    return chosen if chosen is not None and chosen in options else default


def keep_in_url(key: str, default: str) -> None:
    """Write a value of the session to the URL; the default leaves the URL clean."""
    say_in_url(key, _said(key, default))


def _said(key: str, default: str) -> list[str]:
    value = st.session_state[key]
    return [] if value == default else [value]
