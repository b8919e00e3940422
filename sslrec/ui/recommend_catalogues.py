"""The catalogues that a visitor may choose from, and how one becomes ready."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

import streamlit as st

from sslrec.config import ROOT
from sslrec.data import shops
from sslrec.errors import SslrecError
from sslrec.serving.catalogues import CatalogueIndex
from sslrec.serving.opening import Opening
from sslrec.ui.language import t
from sslrec.ui.own_catalogue import KEPT, OWN, kept_by_choice, kept_for_visitor, own_catalogue
from sslrec.ui.recommend_examples import labels_of_catalogues, name_of_catalogue
from sslrec.ui.recommend_state import CATALOGUE, ask, change_catalogue
from sslrec.ui.shell import note, problems
from sslrec.ui.training_demo import has_trained, visitor_catalogues
from sslrec.ui.url import together

SECONDS = 0.5
"""Between two looks at a catalogue that is being encoded."""
PATIENCE = 20.0
"""Seconds in which a catalogue whose vectors are kept is there."""
BRING = ROOT / "pages" / "catalogue.py"
_LAST, _NEW, _GONE, _FAILED = "wish.catalog", "wish.new", "wish.gone", "wish.failed"


def choices() -> Sequence[str]:
    """What this visitor may choose: the catalogues that come by name, the visitor's own, those that are kept here.

    The first is the default.
    """
    known = [name for name in shops.KNOWN if name == shops.BUILTIN or shops.find(name)]
    return [*known, *([OWN] if own_catalogue() else []), *kept_for_visitor()]


@together()
def chosen_catalogue() -> str:
    """The one that the visitor has chosen; one that is not here gives way to the default."""
    offered = choices()
    if CATALOGUE.value not in offered:
        # What was said about its products means nothing here, and its going is worth a word.
        change_catalogue(CATALOGUE.value, offered[0])
        st.session_state[_GONE] = CATALOGUE.value
        CATALOGUE.set(offered[0])
    st.session_state[_LAST] = CATALOGUE.value
    return CATALOGUE.value


@together()
def choose(choice: str) -> None:
    """Choose a catalogue on another page; the Recommend page then begins with its first example.

    Args:
        choice: one of `choices()`.
    """
    change_catalogue(st.session_state.get(_LAST, shops.BUILTIN), choice)
    CATALOGUE.set(choice)
    ask("")
    st.session_state[_NEW] = True
    st.session_state.pop(_GONE, None)


def is_new() -> bool:
    """Whether the catalogue was chosen on another page and nothing was asked of it yet; says so once."""
    return st.session_state.pop(_NEW, False)


def choose_catalogue() -> None:
    """Let the visitor choose, where there is more than one, or bring another."""
    offered = choices()
    if len(offered) > 1:
        st.segmented_control(
            t("catalog.label"),
            offered,
            key=CATALOGUE.key,
            required=True,
            format_func=labels_of_catalogues(offered).__getitem__,
            on_change=_changed,
            persist_state="session",
            wrap=True,
        )
    if gone := st.session_state.get(_GONE):
        note(t("catalog.gone") if gone == OWN else t("catalog.gone_kept", name=name_of_catalogue(gone)[:80]))
    if st.button(t("catalog.bring"), key="catalog.bring", type="tertiary"):
        st.switch_page(BRING)


@together()
def _changed() -> None:
    CATALOGUE.keep()
    change_catalogue(st.session_state.get(_LAST, ""), CATALOGUE.value)
    st.session_state.pop(_GONE, None)


def opened(name: str) -> CatalogueIndex | None:
    """A catalogue; None while it is being encoded, of which this shows how far it is.

    Args:
        name: one of `choices()`.

    Raises:
        SslrecError: the catalogue or the models cannot be had.
    """
    if name == OWN and (own := own_catalogue()):
        if has_trained("recommend"):
            note(t("demo.own_catalogue"))
        return own.index
    # One that has just failed is told; to open it anew, which may take as long again, is for the visitor's next click.
    failed, opening = st.session_state.pop(_FAILED, ("", None))
    if opening is None or failed != name:
        opening = visitor_catalogues().open(str(kept_by_choice(name).folder) if name.startswith(KEPT) else name)
    if not opening.is_ready:
        limit = time.monotonic() + PATIENCE
        with st.spinner(t("catalog.opening")):
            while not opening.is_ready and not opening.total and time.monotonic() < limit:
                time.sleep(0.02)
    if opening.is_ready:
        return _index_of(opening, name)
    st.fragment(_watch, run_every=SECONDS)(opening, name)
    return None


def _index_of(opening: Opening, name: str) -> CatalogueIndex | None:
    """The catalogue that has come; None where it has not by a fault of the program or of the machine, which is told.

    Raises:
        SslrecError: it cannot be opened.
    """
    try:
        return opening.index()
    except SslrecError:
        raise
    except Exception:
        logging.getLogger(__name__).exception("a catalogue could not be opened")
        problems("", [t("catalog.failed", name=name_of_catalogue(name)[:80])])
        return None


def _watch(opening: Opening, name: str) -> None:
    """How far the encoding is; the whole page comes anew when it is done, or has failed."""
    if opening.is_ready:
        if opening.failed:
            st.session_state[_FAILED] = name, opening
        st.rerun()
    if not opening.total:
        note(t("catalog.opening"))
        return
    words = t("catalog.encoding", name=name_of_catalogue(name), done=opening.done, total=opening.total)
    st.progress(min(opening.done / opening.total, 1.0), text=words)
