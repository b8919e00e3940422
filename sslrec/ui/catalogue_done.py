"""A finished ingest: what came of it, some of its products, and the way to look for more in it."""

from __future__ import annotations

from html import escape

import streamlit as st

from sslrec.config import ROOT, settings
from sslrec.errors import SslrecError
from sslrec.serving.ingest import Ingested
from sslrec.serving.kept import KeptCatalogue, keep_catalogue, proposed_name, remove_catalogue
from sslrec.serving.opening import shared_catalogues
from sslrec.ui.catalogue_live import reasons, rows_download, rows_table, time_span
from sslrec.ui.catalogue_words import wordless
from sslrec.ui.digit_parts import block, size_of
from sslrec.ui.language import explain, t
from sslrec.ui.own_catalogue import OWN, kept_for_all, kept_for_visitor, may_keep
from sslrec.ui.recommend_catalogues import choose
from sslrec.ui.recommend_examples import assortment, title_at
from sslrec.ui.recommend_pictures import product_uri
from sslrec.ui.shell import note, problems, section_title

SAMPLE = 12
"""Products that are shown."""
RECOMMEND = ROOT / "pages" / "recommend.py"
PROBLEM, SAID, STUCK = "keep.problem", "keep.said", "kept.stuck"
"""Where in the session lies what the last click on Keep or Remove came to."""


def lead(done: Ingested) -> str:
    """What a finished catalogue is good for."""
    is_mute = wordless(done.index)[0] == done.items and not done.index.catalogue.pictured.any()
    return t("done.lead_mute" if is_mute else "done.lead")


def unread(done: Ingested) -> None:
    """How many titles the text model cannot read, where there are such."""
    count, total = wordless(done.index)
    if count:
        note(t("done.wordless", count=count, total=total))


def summary(done: Ingested) -> str:
    """What came of an ingest, as HTML."""
    index = done.index
    pictured = int(index.catalogue.pictured.sum())
    figures = [
        (f"{done.items:,}", t("done.items_one" if done.items == 1 else "done.items")),
        (f"{pictured:,}", t("done.pictured")),
        (f"{len(index.categories):,}", t("done.categories_one" if len(index.categories) == 1 else "done.categories")),
        (f"{len(done.rejected):,}", t("done.rejected_one" if len(done.rejected) == 1 else "done.rejected")),
        (time_span(done.seconds), t("done.seconds")),
        (f"{done.items_per_second:,.0f}", t("done.pace")),
    ]
    cells = "".join(f"<div><b>{escape(value)}</b><span>{escape(name)}</span></div>" for value, name in figures)
    return block(cells, "figures sx-found")


def sample(done: Ingested) -> str:
    """Some products, as HTML."""
    index = done.index
    tiles = ""
    for row in assortment(index, index.shown)[:SAMPLE]:
        title = title_at(index.catalogue, int(row))
        tiles += (
            f'<figure><img src="{product_uri(index.catalogue, int(row))}" alt="" loading="lazy">'
            f"<figcaption>{escape(title if len(title) <= 70 else title[:69] + '…')}</figcaption></figure>"
        )
    return block(tiles, "products")


def way_on() -> None:
    """The button to the Recommend page, with this catalogue chosen."""
    if st.button(t("done.find"), key="done.find", type="primary", on_click=choose, args=(OWN,)):
        st.switch_page(RECOMMEND)


def left_out(done: Ingested) -> None:
    """What is not in the catalogue, and why."""
    if not done.rejected and not done.without_picture:
        return
    count = len(done.rejected) + len(done.without_picture)
    with st.expander(t("done.left_out", count=count), key="left-out"):
        for title, rows in (("done.rejected_rows", done.rejected), ("done.without", done.without_picture)):
            if rows:
                counts = ", ".join(f"{name}: {number:,}" for name, number in reasons(rows))
                st.html(block(f"<h3>{escape(t(title, count=len(rows)))}</h3><p>{escape(counts)}</p>", "heading"))
                st.html(rows_table(rows))
        rows_download(done.rejected, done.without_picture)


def keeping(done: Ingested) -> None:
    """Keeping a catalogue by name, where this visitor may; elsewhere the word that it goes with the visit."""
    if not may_keep():
        note(t("keep.visit"))
        return
    name, digest = st.session_state.get(SAID, ("", ""))
    # What was kept before the recommender was adapted to it, or after, is another thing.
    if digest == done.index.recommender.artifact.digest:
        note(t("keep.done", name=name))
        return
    st.session_state.setdefault("keep.name", proposed_name(done.name))
    with st.container(horizontal=True, vertical_alignment="bottom", key="keep"):
        st.text_input(t("keep.name"), key="keep.name", max_chars=60, help=t(f"keep.help_{_for_whom()}"), width=300)
        st.button(t("keep.button"), key="keep.button", on_click=_keep, args=(done,))
    if (error := st.session_state.get(PROBLEM)) is not None:
        problems("", [_unkept(error)])


def _for_whom() -> str:
    return "shared" if kept_for_all() else "own"


def _keep(done: Ingested) -> None:
    name = str(st.session_state.get("keep.name", "")).strip()
    st.session_state.pop(PROBLEM, None)
    try:
        digest = done.index.recommender.artifact.digest
        keep_catalogue(name, done.index, digest)
        st.session_state[SAID] = name, digest
    except (SslrecError, OSError) as error:
        st.session_state[PROBLEM] = error


def _unkept(error: SslrecError | OSError) -> str:
    """Why a catalogue could not be kept, in the language of the moment: it is said until the next click on Keep."""
    if isinstance(error, SslrecError):
        return explain(error)
    return t("keep.disk", folder=str(settings().home_dir), reason=error.strerror or str(error))


def forget_keeping() -> None:
    """Begin anew with a new catalogue's name."""
    for key in (PROBLEM, SAID, "keep.name"):
        st.session_state.pop(key, None)


def kept_list() -> None:
    """The catalogues that are kept here, each to be opened or removed."""
    found = kept_for_visitor()
    if not found:
        return
    section_title(t(f"kept.title_{_for_whom()}"), t(f"kept.lead_{_for_whom()}", folder=str(settings().home_dir)))
    if stuck := st.session_state.pop(STUCK, None):
        problems("", [stuck])
    with st.container(key="kept"):
        for place, (choice, kept) in enumerate(found.items()):
            _kept(place, choice, kept)


def _kept(place: int, choice: str, kept: KeptCatalogue) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"kept-{place}"):
        facts = t("kept.facts_one" if kept.items == 1 else "kept.facts", items=kept.items, size=size_of(kept.size))
        st.html(block(f"<p><b>{escape(kept.name)}</b> <span>{escape(facts)}</span></p>", "held"))
        # The name is part of the key: a click means the row that was seen, not what has moved to its place.
        if st.button(t("kept.open"), key=f"open.{kept.name}", on_click=choose, args=(choice,)):
            st.switch_page(RECOMMEND)
        with st.popover(t("kept.remove"), key=f"remove-{kept.name}"):
            note(t("kept.sure", name=kept.name))
            st.button(t("kept.remove_yes"), key=f"yes.{kept.name}", type="primary", on_click=_remove, args=(kept,))


def _remove(kept: KeptCatalogue) -> None:
    st.session_state.pop(STUCK, None)
    try:
        remove_catalogue(kept.name)
    except OSError as error:
        st.session_state[STUCK] = t("kept.stuck", name=kept.name, reason=error.strerror or str(error))
        return
    shared_catalogues().forget(str(kept.folder))
    if st.session_state.get(SAID, ("", ""))[0] == kept.name:
        forget_keeping()
