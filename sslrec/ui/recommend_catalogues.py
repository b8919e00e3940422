"""The catalogues that a visitor may choose from, and how one becomes ready."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st

from sslrec.data import shops
from sslrec.serving.catalogues import CatalogueIndex
from sslrec.serving.opening import Opening, shared_catalogues
from sslrec.ui.language import t
from sslrec.ui.recommend_examples import name_of_catalogue
from sslrec.ui.recommend_state import CATALOGUE, change_catalogue
from sslrec.ui.shell import note

SECONDS = 0.5
"""Between two looks at a catalogue that is being encoded."""
PATIENCE = 20.0
"""Seconds in which a catalogue whose vectors are kept is there."""


def choices() -> Sequence[str]:
    """Names or paths of the catalogues that are here, as `load_catalogue` takes them; the first is the default."""
    return [name for name in shops.KNOWN if name == shops.BUILTIN or shops.find(name)]


def chosen_catalogue() -> str:
    """The one that the visitor has chosen; one that is not here gives way to the default."""
    offered = choices()
    if CATALOGUE.value not in offered:
        CATALOGUE.set(offered[0])
    st.session_state["wish.catalog"] = CATALOGUE.value
    return CATALOGUE.value


def choose_catalogue() -> None:
    """Let the visitor choose, where there is more than one."""
    offered = choices()
    if len(offered) > 1:
        st.segmented_control(
            t("catalog.label"),
            offered,
            key=CATALOGUE.key,
            required=True,
            format_func=name_of_catalogue,
            on_change=_changed,
            persist_state="session",
            wrap=True,
        )


def _changed() -> None:
    CATALOGUE.keep()
    change_catalogue(st.session_state.get("wish.catalog", ""), CATALOGUE.value)


def opened(name: str) -> CatalogueIndex | None:
    """A catalogue; None while it is being encoded, of which this shows how far it is.

    Raises:
        SslrecError: the catalogue or the models cannot be had.
    """
    opening = shared_catalogues().open(name)
    if not opening.is_ready:
        limit = time.monotonic() + PATIENCE
        with st.spinner(t("catalog.opening")):
            while not opening.is_ready and not opening.total and time.monotonic() < limit:
                time.sleep(0.02)
    if opening.is_ready:
        return opening.index()
    st.fragment(_watch, run_every=SECONDS)(opening)
    return None


def _watch(opening: Opening) -> None:
    """How far the encoding is; the whole page comes anew when it is done."""
    if opening.is_ready:
        st.rerun()
    if not opening.total:
        note(t("catalog.opening"))
        return
    words = t("catalog.encoding", name=name_of_catalogue(opening.name), done=opening.done, total=opening.total)
    st.progress(min(opening.done / opening.total, 1.0), text=words)
