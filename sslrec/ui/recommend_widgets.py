"""Components of the Recommend page: products as cards, and buttons with pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st
from streamlit.components.v2 import component

from sslrec.ui.language import t

_HERE = Path(__file__).parent
_grid = component(
    "sslrec.products",
    html="<ul></ul>",
    css=(_HERE / "recommend_grid.css").read_text("utf-8"),
    js=(_HERE / "recommend_grid.js").read_text("utf-8"),
)
_tiles = component(
    "sslrec.tiles",
    html='<div role="group"></div>',
    css=(_HERE / "recommend_tiles.css").read_text("utf-8"),
    js=(_HERE / "recommend_tiles.js").read_text("utf-8"),
)
_GRID_TEXTS = ("alone", "dislike", "label", "like", "more", "more_short", "score")


@dataclass(frozen=True)
class Card:
    """One product as the grid shows it; every text is ready to be read, and empty where there is nothing to say.

    Attributes:
        id: the product's id.
        picture: a data URI.
        title: what it is called.
        price: its price.
        facts: category and attributes, on one line.
        score: 0 to 1, with two digits.
        place: its place in the answer, from 1.
        parts: shares of `text` and `image` in its score, 0 to 1; None where there is nothing to share.
        shares: the same to be read: what it is and per cent, for each.
        alone: its ranks by text and by picture alone and its scores without either, in words; empty where the query
            has one of them only. A card shows it when it is asked to.
        reason: why it is here.
        opinion: `like`, `dislike` or empty.
    """

    id: str
    picture: str
    title: str
    price: str = ""
    facts: str = ""
    score: str = ""
    place: str = ""
    parts: Mapping[str, float] | None = None
    shares: tuple[tuple[str, str], ...] = ()
    alone: str = ""
    reason: str = ""
    opinion: str = ""


@dataclass(frozen=True)
class Tile:
    """A button with a picture, words or both.

    Attributes:
        id: what a click sends.
        picture: a data URI, or empty.
        text: the words, or empty.
        note: a quiet remark, or empty.
        alt: the picture for those who do not see it.
    """

    id: str
    picture: str = ""
    text: str = ""
    note: str = ""
    alt: str = ""


@dataclass(frozen=True)
class Event:
    """A click: what shall be done, and the id of the product or tile that it concerns."""

    action: str
    id: str


def product_grid(key: str, cards: Sequence[Card]) -> None:
    """Show products; clicks on them come as `taken_events(key)` in the next run.

    Args:
        key: the component's key in the session.
        cards: the products, in their order.
    """
    texts = tuple((name, t(f"grid.{name}")) for name in _GRID_TEXTS)
    # Tuples: see `sslrec.ui.canvas`.
    data = {"products": tuple(asdict(card) for card in cards), "texts": texts}
    _grid(key=key, data=data, on_events_change=lambda: None)
    _leave_old_events(key)


def tile_buttons(key: str, label: str, tiles: Sequence[Tile], kind: str, chosen: str = "") -> None:
    """Show buttons; a click comes as `taken_events(key)` in the next run.

    Args:
        key: the component's key in the session.
        label: what they are, for those who do not see them.
        tiles: the buttons.
        kind: `examples`, as wide as their words, or `strip`, pictures side by side.
        chosen: id of the tile that stands out.
    """
    data = {"label": label, "kind": kind, "chosen": chosen, "tiles": tuple(asdict(tile) for tile in tiles)}
    _tiles(key=key, data=data, on_events_change=lambda: None)
    _leave_old_events(key)


def taken_events(key: str) -> list[Event]:
    """The clicks that no run has answered yet, the oldest first.

    A component's state stays, and tells the latest clicks again with each new one, so that none is lost while a run is
    busy. A serial number says which are new. Ask before the widgets that a click changes are shown.

    Args:
        key: the component's key in the session.
    """
    seen_key = f"{key}.seen"
    seen = st.session_state.get(seen_key, 0)
    events = []
    for serial, event in _sent_events(key):
        if serial > seen:
            seen = st.session_state[seen_key] = serial
            events.append(event)
    return events


def _leave_old_events(key: str) -> None:
    """Where a component is shown for the first time, take the clicks that it tells for answered.

    They were made in a session that is lost; their browser tells the new one all that it told the old one.
    """
    seen_key = f"{key}.seen"
    if seen_key not in st.session_state:
        st.session_state[seen_key] = max((serial for serial, _ in _sent_events(key)), default=0)


def _sent_events(key: str) -> list[tuple[int, Event]]:
    """The clicks that a browser sent, with their serial numbers, and nothing that is no click."""
    state = st.session_state.get(key)
    sent = state.get("events") if isinstance(state, Mapping) else None
    events = []
    for one in sent if isinstance(sent, list) else []:
        if not isinstance(one, Mapping):
            continue
        action, name, serial = one.get("action"), one.get("id"), one.get("serial")
        if isinstance(action, str) and isinstance(name, str) and type(serial) is int:
            events.append((serial, Event(action, name)))
    return events
