"""What narrows an answer: filters, variety, likes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import streamlit as st

from sslrec.serving.catalogues import CatalogueIndex
from sslrec.serving.profile import Profile
from sslrec.ui.digit_parts import block
from sslrec.ui.labels import short_labels, unique_labels
from sslrec.ui.language import t
from sslrec.ui.recommend_examples import is_shown, plain_label, title_at
from sslrec.ui.recommend_pictures import product_uri
from sslrec.ui.recommend_results import value_name
from sslrec.ui.recommend_state import (
    CATEGORIES,
    DISLIKES,
    LIKES,
    PAGE,
    PRICE,
    VARIETY,
    can_undo,
    forget_likes,
    start_over,
    undo,
)
from sslrec.ui.url import together

PILLS = 40
"""Categories that are buttons, at most."""
LONGEST, LISTED = 60, 30
"""Characters on a button and in a list, at most."""
_STEPPED = "price.stepped"
"""How many sliders over prices there were, and what the last one is for: the price, the lowest and the highest."""


@together()
def drop_unknown_filters(index: CatalogueIndex) -> None:
    """Take off what a link filters by and this catalogue does not have; call it before anything is ranked."""
    known = [name for name in CATEGORIES.value if name in index.categories]
    if known != CATEGORIES.value:
        CATEGORIES.set(known)
    if index.price_range is None and PRICE.value is not None:
        PRICE.set(None)


def filters(index: CatalogueIndex) -> None:
    """Category, price and variety, behind one button that says how many of them are set."""
    count = bool(CATEGORIES.value) + (PRICE.value is not None) + bool(VARIETY.value)
    with st.popover(t("filters.some", count=count) if count else t("filters.title"), key="filters"):
        if index.categories:
            categories(index)
        if index.price_range is not None:
            price(index)
        st.slider(
            t("filters.variety"),
            0,
            100,
            step=10,
            key=VARIETY.key,
            format="%d %%",
            help=t("filters.variety_help"),
            on_change=start_over,
            args=(VARIETY,),
            persist_state="session",
        )
        st.button(t("filters.clear"), key="filters.clear", on_click=clear_filters, disabled=not count)


def categories(index: CatalogueIndex) -> None:
    """A button for each category, or a list to search in where they are many."""
    names = {name: value_name(name) for name in index.categories}
    if len(names) > PILLS:
        listed = short_labels(list(names.values()), LISTED)
        st.multiselect(
            t("filters.category"),
            index.categories,
            key=CATEGORIES.key,
            format_func=unique_labels(index.categories, lambda name: listed[names[name]]).__getitem__,
            placeholder=t("filters.search"),
            on_change=start_over,
            args=(CATEGORIES,),
            persist_state="session",
        )
        return
    written = short_labels(list(names.values()), LONGEST)
    labels = unique_labels(index.categories, lambda name: plain_label(written[names[name]]))
    st.pills(
        t("filters.category"),
        index.categories,
        selection_mode="multi",
        key=CATEGORIES.key,
        format_func=labels.__getitem__,
        on_change=start_over,
        args=(CATEGORIES,),
        persist_state="session",
    )


def price(index: CatalogueIndex) -> None:
    """A slider from the lowest to the highest price; all of it means no filter.

    It goes in whole numbers, and from one price of the catalogue to another where those say little.
    """
    assert index.price_range is not None
    if index.price_steps:
        _price_in_steps(index.price_steps)
        return
    low, high = math.floor(index.price_range[0]), math.ceil(index.price_range[1])
    chosen = PRICE.value or (low, high)
    ends = (min(max(math.floor(chosen[0]), low), high), min(max(math.ceil(chosen[1]), low), high))
    st.session_state["price.range"] = ends
    if low < high:
        st.slider(
            t("filters.price"), low, high, key="price.range", on_change=_take_price, args=("price.range", low, high)
        )


def _price_in_steps(steps: Sequence[float]) -> None:
    low, high = steps[0], steps[-1]
    start, end = (min(max(chosen, low), high) for chosen in PRICE.value or (low, high))
    # What a link says may be no step.
    offered = sorted({*steps, start, end})
    # The session's value makes no range of such a slider, and what it is given counts only while it is new: so there is
    # a new one where the price was set elsewhere.
    turn, said = st.session_state.get(_STEPPED, (0, None))
    if said != (PRICE.value, low, high):
        turn += 1
        st.session_state[_STEPPED] = turn, (PRICE.value, low, high)
    key = f"price.steps.{turn}"

    def changed() -> None:
        _take_price(key, low, high)
        st.session_state[_STEPPED] = turn, (PRICE.value, low, high)

    st.select_slider(
        t("filters.price"),
        offered,
        (start, end),
        key=key,
        format_func=unique_labels(offered, price_name).__getitem__,
        on_change=changed,
    )


def price_name(price: float) -> str:
    """A price as it stands above the slider."""
    if price == round(price):
        return f"{price:,.0f}"
    return f"{price:,.2f}" if price >= 0.01 else f"{price:.3g}"


@together()
def _take_price(key: str, low: float, high: float) -> None:
    found = st.session_state[key]
    PRICE.set(None if tuple(found) == (low, high) else (float(found[0]), float(found[1])))
    start_over()


@together()
def clear_filters() -> None:
    """Take all filters off."""
    CATEGORIES.set([])
    PRICE.set(None)
    VARIETY.set(0)
    PAGE.set(1)


def profile_of(index: CatalogueIndex) -> Profile:
    """What the visitor likes and dislikes in this catalogue."""
    likes, dislikes = (
        tuple(row for name in names if (row := index.catalogue.index_of(name)) is not None and is_shown(index, row))
        for names in (LIKES.value, DISLIKES.value)
    )
    return Profile(likes, dislikes)


def likes_strip(index: CatalogueIndex, profile: Profile) -> None:
    """What the visitor likes and dislikes, with ways to take it back."""
    if not profile and not can_undo():
        return
    with st.container(horizontal=True, vertical_alignment="center", key="likes"):
        st.html(
            block(
                _faces(index, profile.likes, "♥", t("likes.liked"))
                + _faces(index, profile.dislikes, "✕", t("likes.disliked"))
                or f"<p>{escape(t('likes.none'))}</p>",
                "likes",
            )
        )
        st.button(t("likes.undo"), key="likes.undo", on_click=undo, disabled=not can_undo())
        if profile:
            st.button(t("likes.clear"), key="likes.clear", on_click=forget_likes)


def _faces(index: CatalogueIndex, rows: tuple[int, ...], sign: str, label: str) -> str:
    if not rows:
        return ""
    pictures = "".join(
        f'<img src="{product_uri(index.catalogue, row)}" alt="{escape(title_at(index.catalogue, row))}">'
        for row in rows[-6:]
    )
    more = f"<small>+{len(rows) - 6}</small>" if len(rows) > 6 else ""
    return (
        f'<span role="group" aria-label="{escape(label)}" title="{escape(label)}"><b>{sign}</b>{pictures}{more}</span>'
    )
