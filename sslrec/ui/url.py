"""Choices that survive a reload and can be sent as a link.

Streamlit's own `bind="query-params"` writes an option's *label* into the URL. The labels here change
with the language, so a link made in one language would break in the other; these functions keep the
option itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st


def choose_from_url(key: str, options: Sequence[str], default: str) -> None:
    """Settle a widget's value before the widget is shown.

    A value in the URL wins: either the visitor followed a link, or the widget itself put it there.
    Without one, the session's value holds (it survives a visit to another page), else the default.

    Args:
        key: the widget's key, which is also the query parameter.
        options: the allowed values.
        default: what is meant at first; it leaves the URL clean.
    """
    asked = st.query_params.get(key)
    if asked in options:
        st.session_state[key] = asked
    elif st.session_state.get(key) not in options:
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
    value = st.session_state[key]
    if value == default:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != value:
        st.query_params[key] = value
