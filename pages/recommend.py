"""Recommend: say it, show it or both, and see which products come up and why."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from sslrec.errors import QueryError
from sslrec.serving.catalogues import CatalogueIndex
from sslrec.serving.profile import Profile
from sslrec.serving.recommendation import Answer
from sslrec.ui import recommend_results as results
from sslrec.ui.digit_parts import percent
from sslrec.ui.language import explain, t
from sslrec.ui.recommend_catalogues import choose_catalogue, chosen_catalogue, is_new, opened
from sslrec.ui.recommend_examples import assortment, example_tiles, examples
from sslrec.ui.recommend_input import Shown, clear, clicked_product, picture_input
from sslrec.ui.recommend_map import map_figure, plane_of
from sslrec.ui.recommend_refine import drop_unknown_filters, filters, likes_strip, profile_of
from sslrec.ui.recommend_state import (
    CATEGORIES,
    DISLIKES,
    ITEM,
    LIKES,
    LINK_CHARACTERS,
    PAGE,
    PICTURE,
    PRICE,
    TEXT,
    TRUST,
    TRUSTED,
    VARIETY,
    VIEW,
    VIEWS,
    answer_click,
    ask,
    settle,
    start_over,
)
from sslrec.ui.recommend_table import ROWS, answer_csv
from sslrec.ui.recommend_widgets import product_grid, taken_events, tile_buttons
from sslrec.ui.shell import note, page_title, problems, told
from sslrec.ui.training_demo import demo_note
from sslrec.ui.url import pick

PER_PAGE = 24
COMPARED = 10  # of each ranking
Question = Callable[..., Answer]
"""Asks the recommender for a page of the answer: `k` products after `offset`."""


def clicked(index: CatalogueIndex) -> None:
    """Do what was clicked in a component; only now, before widgets show what the click changes."""
    for event in taken_events("grid"):
        answer_click(event)
    clicked_product()
    offered = {str(place): example for place, example in enumerate(examples(index))}
    for event in taken_events("examples"):
        if event.id in offered:
            ask(offered[event.id].text, offered[event.id].item)


def example_buttons(index: CatalogueIndex) -> None:
    offered = examples(index)
    if not offered:
        return
    item = ITEM.value if PICTURE.value == "item" else ""
    asked = [place for place, one in enumerate(offered) if (one.text, one.item) == (TEXT.value, item)]
    tile_buttons(
        "examples", t("wish.examples"), example_tiles(index, offered), "examples", str(asked[0]) if asked else ""
    )


def wish(index: CatalogueIndex) -> Shown | None:
    """The query's words and picture, and which of the two to trust more."""
    st.text_input(
        t("wish.text"),
        key=TEXT.key,
        placeholder=t("wish.text_placeholder"),
        on_change=start_over,
        args=(TEXT,),
        persist_state="session",
    )
    if len(TEXT.value) > LINK_CHARACTERS:
        note(t("wish.text_unlinked"))
    shown = picture_input(index)
    # A browser sends the label of its step, and one of another language would mean the first step: so it is told the
    # label of the moment.
    TRUSTED.set(TRUSTED.value)
    st.select_slider(
        t("wish.trust"),
        range(-TRUST, TRUST + 1),
        key=TRUSTED.key,
        format_func=trust_name,
        help=t("wish.trust_help"),
        on_change=start_over,
        args=(TRUSTED,),
        persist_state="session",
    )
    st.html(results.slider_ends(t("trust.text"), t("trust.image")))
    st.button(t("wish.clear"), key="wish.clear", on_click=clear, disabled=not shown and not TEXT.value)
    return shown


def trust_name(value: int) -> str:
    """A step of the slider in words."""
    if value == 0:
        return t("trust.learned")
    side = t("trust.text" if value < 0 else "trust.image")
    return side if abs(value) == TRUST else f"{side} +{abs(value)}"


def question(index: CatalogueIndex, shown: Shown | None, profile: Profile) -> Question:
    """What the page says, as a question that holds all of it: a download is made by a thread that has no session."""
    return partial(
        index.recommender.recommend,
        index,
        TEXT.value,
        shown.pixels if shown else None,
        item=shown.item if shown else None,
        trust=TRUSTED.value / TRUST,
        category=tuple(CATEGORIES.value),
        price=PRICE.value or (None, None),
        diversity=VARIETY.value / 100,
        profile=profile,
    )


def opinions() -> dict[str, str]:
    return dict.fromkeys(LIKES.value, "like") | dict.fromkeys(DISLIKES.value, "dislike")


def answer(index: CatalogueIndex, shown: Shown | None) -> None:
    """The answer, or what the catalogue has to offer while nothing was asked."""
    drop_unknown_filters(index)
    profile = profile_of(index)
    ask_for, is_asked = question(index, shown, profile), bool(TEXT.value.strip() or shown)
    found = reply(ask_for, is_asked)
    compared = int(index.shown.sum())
    if found is None:
        st.html(results.welcome(compared, is_asked))
    else:
        picture, alt = (shown.uri, shown.title) if shown else ("", "")
        st.html(results.summary(found, picture, alt, len(profile.likes), compared))
        if said := results.said_notes(found.notes, "image" in found.gates):
            problems("", said)
    likes_strip(index, profile)
    with st.container(horizontal=True, vertical_alignment="center", key="tools"):
        pick(t("view.label"), VIEW.key, VIEWS, "grid", lambda name: t(f"view.{name}"), hide_label=True)
        filters(index)
        if found is not None and found.total:
            st.download_button(
                t("table.csv") if found.total <= ROWS else t("table.csv_best", count=ROWS),
                partial(table, index, ask_for),
                "recommendations.csv",
                "text/csv",
                on_click="ignore",
                key="csv",
            )
    {"grid": grid, "compare": compare, "map": catalogue_map}[VIEW.value](index, found, profile)


def reply(ask_for: Question, is_asked: bool) -> Answer | None:
    """The answer's page that is looked at; None where there is nothing to go by, which is told where something was."""
    try:
        # The map has no pages: it rings the best.
        found = ask_for(k=PER_PAGE, offset=0 if VIEW.value == "map" else (PAGE.value - 1) * PER_PAGE)
        if found.total and not found.items:
            # A link, or filters that were set since, may leave fewer pages.
            PAGE.set(-(-found.total // PER_PAGE))
            found = ask_for(k=PER_PAGE, offset=(PAGE.value - 1) * PER_PAGE)
    except QueryError as error:
        if is_asked:
            problems("", [explain(error)])
        return None
    return found


def table(index: CatalogueIndex, ask_for: Question) -> bytes:
    """The CSV, made when it is asked for, with the mark without which spreadsheets take Chinese for something else."""
    return answer_csv(index, ask_for(k=ROWS).items).encode("utf-8-sig")


def nothing_left() -> str:
    """Why there is no product: the filters, or that likes, dislikes and the query's own product leave no other."""
    return t("filters.nothing" if CATEGORIES.value or PRICE.value else "filters.none_left")


def grid(index: CatalogueIndex, found: Answer | None, profile: Profile) -> None:
    """Products with likes, page by page."""
    said = opinions()
    if found is None:
        rows = assortment(index, index.allowed(CATEGORIES.value, PRICE.value or (None, None)))
        total = len(rows)
        PAGE.set(min(PAGE.value, max(1, -(-total // PER_PAGE))))
        rows = rows[(PAGE.value - 1) * PER_PAGE :][:PER_PAGE]
        ids = index.catalogue.table.column("item_id")
        cards = [results.plain_card(index, int(row), said.get(ids[int(row)].as_py(), "")) for row in rows]
    else:
        total = found.total
        reasons = index.recommender.reasons(index, found, profile)
        cards = [
            results.card(index, item, reasons.get(item.row, ()), said.get(item.item_id, "")) for item in found.items
        ]
    if not cards:
        note(nothing_left())
        return
    product_grid("grid", cards)
    if total > PER_PAGE:
        st.pagination(
            -(-total // PER_PAGE), key=PAGE.key, on_change=PAGE.keep, persist_state="session", width="stretch"
        )


def compare(index: CatalogueIndex, found: Answer | None, _: Profile) -> None:
    """The three rankings."""
    if found is None or not found.query.vectors:
        note(t("compare.empty"))
        return
    if not found.total:
        note(nothing_left())
        return
    lists = {name: index.recommender.ranking(index, found, name, COMPARED) for name in found.cosines}
    st.html(results.rankings(index, lists))


def catalogue_map(index: CatalogueIndex, found: Answer | None, _: Profile) -> None:
    """Where the query lies among all products."""
    query = None if found is None else found.query.fused
    best = [] if found is None else [item.row for item in found.items[:COMPARED]]
    figure = map_figure(index, query, best)
    st.plotly_chart(figure, key="map", config={"displayModeBar": False}, alt=t("map.alt"))
    share = plane_of(index).share
    note(t("map.note", share=percent(share, 0), shown=len(plane_of(index).rows), count=int(index.shown.sum())))


@st.fragment
def studio() -> None:
    """The whole page: one fragment, so that a click runs this and nothing else."""
    first = settle()
    top = st.container(key="top")
    left, right = st.columns([5, 9], gap="medium")
    panel = left.container(key="wish")
    index = None
    with right, told():
        index = opened(chosen_catalogue())
    if index is None:
        with panel:
            choose_catalogue()
        return
    if (is_new() or first) and (offered := examples(index)):
        ask(offered[0].text, offered[0].item)
    clicked(index)
    with top:
        example_buttons(index)
    shown = None
    with panel, told():
        shown = wish(index)
        choose_catalogue()
    with right, told():
        answer(index, shown)


page_title(t("recommend.title"), t("recommend.lead"))
st.html(results.style())
demo_note("recommend")
studio()
