"""Which language a visitor reads, and the texts in it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from sslrec.errors import SslrecError
from sslrec.ui.texts import CATALOGUES
from sslrec.ui.url import choose_from_url, pick

KEY = "lang"
"""Key of the language in the session and in the URL."""


def preferred_language() -> str:
    """The language of the visitor's browser if there is a catalogue for it, else English."""
    locale = (st.context.locale or "").lower()
    return "zh-CN" if locale.startswith("zh") else "en"


def current_language() -> str:
    """Tag of the language this visitor reads, such as `zh-CN`."""
    language = st.session_state.get(KEY)
    return language if language in CATALOGUES else "en"


def t(key: str, **params: object) -> str:
    """The text of `key` in the visitor's language, with `params` in its braces."""
    return CATALOGUES[current_language()][key].format(**params)


def has_text(key: str) -> bool:
    """Whether there is a text of this key."""
    return key in CATALOGUES[current_language()]


def explain(error: SslrecError) -> str:
    """The sentence of an error a user can cause, in the visitor's language."""
    return sentence(error.code, error.params)


def sentence(code: str, params: Mapping[str, object]) -> str:
    """The sentence of an error's code in the visitor's language, what a run does and is told in words of the page."""
    words = dict(params)
    if has_text(f"status.{params.get('status')}"):
        words["status"] = t(f"status.{params['status']}")
    if has_text(f"control.{params.get('command')}"):
        words["command"] = t(f"control.{params['command']}")
    return t(f"error.{code}", **words)


def language_switch() -> None:
    """Show the switch; the choice is kept for the session and in the URL (`?lang=zh-CN`).

    Call it before anything is written with `t`.
    """
    preferred = preferred_language()
    choose_from_url(KEY, list(CATALOGUES), preferred)
    with st.container(key="language"):
        pick(t("language.label"), KEY, list(CATALOGUES), preferred, _short_name, hide_label=True)


def _short_name(tag: str) -> str:
    return CATALOGUES[tag]["language.short"]
