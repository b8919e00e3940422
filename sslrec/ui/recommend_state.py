"""The Recommend page's state: what a visitor asks for, in the session and in the URL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import streamlit as st

from sslrec.ui.recommend_widgets import Event
from sslrec.ui.url import came_back, is_held, said_in_url, say_in_url, together

Value = TypeVar("Value")

LINK_CHARACTERS = 500
"""A longer text stays out of the URL, which mail programs would cut."""
MOST_NAMES = 100
"""Categories, likes or dislikes that a URL holds; the latest stay."""
PICTURES = ("none", "item", "upload", "camera", "draw")
"""Where the query's picture comes from."""
VIEWS = ("grid", "compare", "map")
"""How the answer is shown."""
TRUST = 5
"""Steps of the trust slider on either side of the learned balance."""


@dataclass(frozen=True)
class Field(Generic[Value]):
    """One part of the state.

    Attributes:
        key: its name in the session and in the URL.
        default: what leaves the URL clean.
        read: the values of the URL to the state's, or None where they make no sense.
        write: the state's value to those of the URL.
    """

    key: str
    default: Value
    read: Callable[[Sequence[str]], Value | None]
    write: Callable[[Value], Sequence[str]]

    @property
    def value(self) -> Value:
        """What the session holds."""
        return st.session_state.get(self.key, self.default)

    def settle(self) -> None:
        """Take the value from the URL if it says one, else leave the session's: see `choose_from_url`."""
        asked = said_in_url(self.key)
        found = self.read(asked) if asked else None
        if found is not None:
            st.session_state[self.key] = found
        elif self.key not in st.session_state or not is_held(self.key, self._said()):
            st.session_state[self.key] = self.default
        self.keep()

    def set(self, value: Value) -> None:
        """Change the value, in the URL too. Only before the widget of the same key is shown."""
        st.session_state[self.key] = value
        self.keep()

    def keep(self) -> None:
        """Write the session's value to the URL."""
        say_in_url(self.key, self._said())

    def _said(self) -> Sequence[str]:
        return [] if self.value == self.default else self.write(self.value)


def _text(key: str) -> Field[str]:
    return Field(key, "", lambda asked: asked[0], lambda value: [value] if len(value) <= LINK_CHARACTERS else [])


def _option(key: str, options: Sequence[str], default: str) -> Field[str]:
    return Field(key, default, lambda asked: asked[0] if asked[0] in options else None, lambda value: [value])


def _number(key: str, default: int, low: int, high: int) -> Field[int]:
    def read(asked: Sequence[str]) -> int | None:
        digits = asked[0].removeprefix("-")
        sound = digits.isascii() and digits.isdigit() and len(digits) < 10
        return min(max(int(asked[0]), low), high) if sound else None

    return Field(key, default, read, lambda value: [str(value)])


def _names(key: str) -> Field[list[str]]:
    return Field(key, [], lambda asked: list(dict.fromkeys(asked))[-MOST_NAMES:], lambda value: value)


def _figure(number: float) -> str:
    """A number to its last digit, without an exponent, whose sign would part a range, or a useless zero."""
    return np.format_float_positional(number, trim="-")


def _price(asked: Sequence[str]) -> tuple[float, float] | None:
    low, _, high = asked[0].partition("-")
    try:
        found = float(low), float(high)
    except ValueError:
        return None
    return found if 0 <= found[0] <= found[1] < float("inf") else None


TEXT = _text("q")
PICTURE = _option("picture", PICTURES, "none")
ITEM = _text("item")
CATALOGUE = Field("catalog", "builtin", lambda asked: asked[0], lambda value: [value])
TRUSTED = _number("trust", 0, -TRUST, TRUST)
CATEGORIES = _names("cat")
PRICE: Field[tuple[float, float] | None] = Field(
    "price", None, _price, lambda value: [] if value is None else ["-".join(map(_figure, value))]
)
VARIETY = _number("variety", 0, 0, 100)
VIEW = _option("view", VIEWS, "grid")
PAGE = _number("p", 1, 1, 100_000)
LIKES = _names("like")
DISLIKES = _names("dislike")
FIELDS: tuple[Field[Any], ...] = (
    TEXT, PICTURE, ITEM, CATALOGUE, TRUSTED, CATEGORIES, PRICE, VARIETY, VIEW, PAGE, LIKES, DISLIKES,
)  # fmt: skip
OF_CATALOGUE: tuple[Field[Any], ...] = (ITEM, CATEGORIES, PRICE, LIKES, DISLIKES)
"""What means something in one catalogue only."""

_HISTORY = "wish.history"
_KEPT = "wish.kept"
_STEPS = 50


@together()
def settle() -> bool:
    """Settle the whole state, from a link or from the session.

    Returns:
        Whether this is a visitor's first look, with nothing asked for yet.
    """
    first = TEXT.key not in st.session_state and not any(field.key in st.query_params for field in FIELDS)
    before = [field.value for field in (CATALOGUE, LIKES, DISLIKES)]
    for field in FIELDS:
        field.settle()
    # What the browser has undone, `undo` cannot undo once more.
    if came_back() and before != [field.value for field in (CATALOGUE, LIKES, DISLIKES)]:
        st.session_state[_HISTORY] = []
    return first


@together()
def start_over(field: Field[Any] | None = None) -> None:
    """Note in the URL that a widget has changed, and begin at the first page. A widget's callback."""
    if field is not None:
        field.keep()
    PAGE.set(1)


@together()
def ask(text: str, item: str = "") -> None:
    """Ask for something else: a text, a product of the catalogue as the picture, or both."""
    TEXT.set(text)
    ITEM.set(item)
    PICTURE.set("item" if item else "none")
    TRUSTED.set(0)
    PAGE.set(1)


@together()
def change_catalogue(old: str, new: str) -> None:
    """Put away what was said about one catalogue, and take out what was said about another."""
    kept = st.session_state.setdefault(_KEPT, {})
    kept[old] = {field.key: field.value for field in OF_CATALOGUE}
    for field in OF_CATALOGUE:
        field.set(kept.get(new, {}).get(field.key, field.default))
    st.session_state[_HISTORY] = []
    PAGE.set(1)


@together()
def forget_catalogue(name: str) -> None:
    """Forget what was said about a catalogue whose products are others now."""
    st.session_state.get(_KEPT, {}).pop(name, None)
    if CATALOGUE.value == name:
        for field in OF_CATALOGUE:
            field.set(field.default)
        st.session_state[_HISTORY] = []


@together()
def answer_click(event: Event) -> None:
    """Do what a click on a product asks for: like it, dislike it, forget that, or look for more like it."""
    if event.action == "more":
        ask("", event.id)
        return
    if event.action in ("like", "dislike", "forget"):
        remember()
        likes, dislikes = ([name for name in field.value if name != event.id] for field in (LIKES, DISLIKES))
        if event.action != "forget":
            (likes if event.action == "like" else dislikes).append(event.id)
        LIKES.set(likes[-MOST_NAMES:])
        DISLIKES.set(dislikes[-MOST_NAMES:])
        PAGE.set(1)


def remember() -> None:
    """Keep the likes as they are now, for `undo`."""
    history = st.session_state.setdefault(_HISTORY, [])
    history.append((list(LIKES.value), list(DISLIKES.value)))
    del history[:-_STEPS]


def can_undo() -> bool:
    """Whether a like or dislike can be taken back."""
    return bool(st.session_state.get(_HISTORY))


@together()
def undo() -> None:
    """Take the last like or dislike back."""
    if can_undo():
        likes, dislikes = st.session_state[_HISTORY].pop()
        LIKES.set(likes)
        DISLIKES.set(dislikes)
        PAGE.set(1)


@together()
def forget_likes() -> None:
    """Forget all likes and dislikes; `undo` brings them back."""
    remember()
    LIKES.set([])
    DISLIKES.set([])
    PAGE.set(1)
