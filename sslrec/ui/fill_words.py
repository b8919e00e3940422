"""The text in the box, its words that a click hides, and what stood where a word was hidden."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from sslrec.data.tokens import CONTINUES
from sslrec.serving.language_reading import MASK, TextReading, as_gaps, beginning
from sslrec.ui.language import t
from sslrec.ui.shell import note
from sslrec.ui.url import came_back, is_held

TEXT = "text"
"""Key of the box in the session, and the query parameter of its text."""
WORDS = "text.words"
"""Key of the words that can be clicked."""
SEEN = "text.click"
"""When the last click that was followed was made."""
HIDDEN = "text.hidden"
"""For each gap of the text the word that a click has hidden there; None where the visitor wrote the gap.

Also for those that the model does not read: hiding a word of several pieces brings gaps beyond within its reach."""
PAST = "text.past"
"""What `HIDDEN` was for the last texts that clicks made: the browser's Back brings a text, and not its words."""
MOST_PAST = 50
CUT = "text.cut"
"""Whether the visitor's text was longer than what was kept of it."""
IN_URL = 400
"""Longer texts stay out of the URL."""
MOST = 10_000
"""Characters of a visitor's text that are kept, a gap counting as one: hiding words never makes it too long."""
_HERE = Path(__file__).parent
_component = component(
    "sslrec.words",
    html='<div role="group" dir="auto"></div>',
    css=(_HERE / "fill_words.css").read_text("utf-8"),
    js=(_HERE / "fill_words.js").read_text("utf-8"),
)


def settle(example: str, read: Callable[[str], TextReading]) -> None:
    """Give the box its text before it is shown: the last one, with what a click changes.

    At first, and on the browser's way back, it is the URL's, else the example; a text that no URL can say stays.

    Args:
        example: what stands there at first.
        read: reads a text.
    """
    asked = st.query_params.get(TEXT, "")
    wanted, kept = asked or example, st.session_state.get(TEXT)
    if kept is None or (
        beginning(wanted, MOST) != kept
        and (came_back() if asked else not is_held(TEXT, [kept] if _is_linked(kept) else []))
    ):
        take(wanted)
    follow_click(read)
    remember(example)


def remember(example: str) -> None:
    """Keep the text in the URL; the example leaves it clean, and so does one that is too long."""
    text = st.session_state[TEXT]
    if text == example or not _is_linked(text):
        st.query_params.pop(TEXT, None)
    elif st.query_params.get(TEXT) != text:
        st.query_params[TEXT] = text


def _is_linked(text: str) -> bool:
    return bool(text.strip()) and len(text) <= IN_URL


def typed(example: str) -> None:
    """The visitor has typed. The box's callback."""
    take(st.session_state[TEXT])
    remember(example)


def take(text: str) -> None:
    """Put a text from outside into the box, as much of it as is kept.

    What stood in its gaps is known only where a click has made the same text before.
    """
    kept = beginning(text, MOST)
    st.session_state[CUT], st.session_state[HIDDEN] = kept != text, st.session_state.get(PAST, {}).get(kept, [])
    # What the box says already is not sent again: the visitor may have typed on.
    if st.session_state.get(TEXT) != kept:
        st.session_state[TEXT] = kept


def is_cut() -> bool:
    """Whether the box has only the beginning of the visitor's text."""
    return st.session_state.get(CUT, False)


def cut_box(key: str, most: int) -> None:
    """The visitor has typed into another box: keep the beginning. Its callback.

    Streamlit's own limit, `max_chars`, takes nothing of a longer text, and does not say so.

    Args:
        key: of the box.
        most: characters that are kept.
    """
    text = st.session_state[key]
    if cut := len(text) > most:
        st.session_state[key] = text[:most]
    st.session_state[f"{key}.cut"] = cut


def said_cut(key: str, most: int) -> None:
    """Say that `cut_box` has kept the beginning alone, where it has."""
    if st.session_state.get(f"{key}.cut"):
        note(t("words.long", count=most))


def put(text: str, hidden: Sequence[str | None] = ()) -> None:
    """Change the text in the box.

    Args:
        text: what it becomes.
        hidden: what stood in all of its gaps.
    """
    st.session_state[TEXT] = text
    st.session_state[HIDDEN] = list(hidden)
    past = st.session_state.setdefault(PAST, {})
    past.pop(text, None)
    past[text] = list(hidden)
    if len(past) > MOST_PAST:
        del past[next(iter(past))]


def hidden_words(text: str) -> list[str | None]:
    """What stood in each gap, read or not; of a text that was typed, or came with the link, nothing is known.

    Args:
        text: its gaps written as `[MASK]`.
    """
    kept, gaps = st.session_state.get(HIDDEN, []), text.count(MASK)
    return list(kept) if len(kept) == gaps else [None] * gaps


def word_buttons(reading: TextReading) -> None:
    """The words of the text; a click on one hides it, a click on a gap brings the word back."""
    at, shown = 0, []
    for word in reading.words:
        kind = "gap" if word.gap else "word" if any(map(str.isalnum, word.text)) else "fixed"
        shown.append((reading.text[at : word.start], word.text, kind))
        at = word.end
    if reading.pieces.splits_word:
        # A click on what the limit has left of the last word would hide that alone, in the middle of the word.
        shown[-1] = (*shown[-1][:2], "fixed")
    rest = "…" if reading.pieces.dropped else reading.text[at:]
    note(t("words.click"))
    _component(
        key=WORDS,
        # Tuples: see `sslrec.ui.canvas`.
        data={"label": t("words.click"), "gap": t("words.gap"), "words": tuple(shown), "rest": rest},
        on_click_change=lambda: None,
    )
    # A browser whose session was lost tells the new one its last click again.
    st.session_state.setdefault(SEEN, _last_click().get("serial"))


def _last_click() -> Mapping[str, Any]:
    state = st.session_state.get(WORDS)
    click = state.get("click") if isinstance(state, Mapping) else None
    return click if isinstance(click, Mapping) else {}


def follow_click(read: Callable[[str], TextReading]) -> None:
    """Change the text as the last click on a word wants it, before the box shows it.

    Args:
        read: reads a text.
    """
    click = _last_click()
    if not click or click.get("serial") == st.session_state.get(SEEN):
        return
    st.session_state[SEEN] = click.get("serial")
    text, number = st.session_state.get(TEXT, ""), click.get("index")
    if type(number) is not int or not text.strip():
        return
    reading = read(text)
    words = reading.words
    # A click on what the text does not say any more came late.
    if 0 <= number < len(words) and words[number].text == click.get("word"):
        put(*toggled(reading, number, hidden_words(reading.text)))


def toggled(reading: TextReading, number: int, hidden: Sequence[str | None]) -> tuple[str, list[str | None]]:
    """Hide a word, or bring the word of a gap back.

    Args:
        reading: of the text as it is.
        number: of the word.
        hidden: what stood in each gap of the text; where that is None the likeliest filling comes.

    Returns:
        The text, and what stood in its gaps, also in those that were not read.
    """
    word, now = reading.words[number], list(hidden)
    place = sum(gap.start < word.start for gap in reading.gaps)
    if word.gap:
        stood = now.pop(place)
        new = reading.gaps[place].fillings[0].token.removeprefix(CONTINUES) if stood is None else stood
    else:
        now.insert(place, word.text)
        new = MASK
    return reading.text[: word.start] + new + reading.text[word.end :], now


def accept(reading: TextReading) -> None:
    """Put the likeliest filling into every gap that was read; a text that was typed since then stays as it is."""
    if as_gaps(st.session_state.get(TEXT, "")) != reading.text:
        return
    put(reading.filled, hidden_words(reading.text)[len(reading.gaps) :])
