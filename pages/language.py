"""Language: hide words and see them guessed, look at the attention, compare texts, pretrain on your own."""

from __future__ import annotations

import streamlit as st

from sslrec.data.folding import is_visible
from sslrec.data.tokens import Pieces
from sslrec.errors import TextError
from sslrec.serving.language import PARTS, similarity
from sslrec.serving.language_reading import MASK, TextReading
from sslrec.ui import fill_parts as parts
from sslrec.ui.digit_parts import heading
from sslrec.ui.fill_charts import attention_map, attention_window, chosen_attention, history_chart
from sslrec.ui.fill_model import model_facts
from sslrec.ui.fill_own import own_text
from sslrec.ui.fill_words import (
    IN_URL,
    MOST,
    TEXT,
    accept,
    cut_box,
    hidden_words,
    is_cut,
    said_cut,
    settle,
    take,
    typed,
    word_buttons,
)
from sslrec.ui.language import explain, t
from sslrec.ui.shell import note, page_title, problems, section_title, told
from sslrec.ui.training_demo import choose_language, demo_note, shipped_answers, visitor_language
from sslrec.ui.url import pick

EXAMPLES = (
    "The film tells the [MASK] of a young [MASK] who falls in love.",
    "navy blue [MASK] shirt",
    "He opened the [MASK] and looked out into the garden.",
    "The story is set in New [MASK] City during the [MASK] War.",
    "Titan women [MASK] dial watch",
)
COMPARED = (
    "Navy blue cotton shirt with long sleeves\nDark blue casual shirt for men\nRed leather handbag\n"
    "Brown leather wallet"
)
MOST_COMPARED = 8


def ask() -> str:
    """Examples and the text box."""
    settle(EXAMPLES[0], visitor_language().read)
    with st.container(horizontal=True, key="examples"):
        for number, example in enumerate(EXAMPLES):
            st.button(example.replace("[MASK]", "____"), key=f"example.{number}", on_click=take, args=(example,))
    # No `max_chars`: a word that a click hides may make a long text longer, and the box would drop its end.
    text = st.text_area(
        t("words.box"),
        key=TEXT,
        height=84,
        help=t("words.box_help"),
        on_change=typed,
        args=(EXAMPLES[0],),
        persist_state="session",
    )
    if text and len(text) > IN_URL:
        note(t("words.unlinked"))
    if is_cut():
        note(t("words.long", count=MOST))
    return text or ""


def unread(*texts: Pieces, in_parts: int = 1) -> None:
    """Say what the model does not read of texts, each of which it reads in so many parts."""
    if dropped := sum(pieces.dropped for pieces in texts):
        limit = visitor_language().limit
        if in_parts == 1:
            note(t("words.cut", limit=limit, count=dropped))
        else:  # each part has signs for its start and its end
            note(t("likeness.cut", parts=in_parts, limit=limit - 2, count=dropped))
    if unknown := sum(pieces.unknown for pieces in texts):
        foreign = visitor_language().artifact.manifest.config.get("foreign")
        note(t("words.unknown_foreign" if foreign else "words.unknown", count=unknown))


def answer(text: str) -> TextReading:
    """The text with its gaps filled, its words to click, the guesses."""
    reader = visitor_language()
    reading = reader.read(text)
    st.html(parts.sentence(reading))
    unread(reading.pieces)
    word_buttons(reading)
    if not reading.gaps:
        # A gap beyond what the model reads is told above.
        if MASK not in reading.text:
            note(t("words.no_gap"))
        return reading
    hidden = hidden_words(reading.text)[: len(reading.gaps)]
    st.html(parts.guesses(reading.gaps, hidden, reader.spelling))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(t("words.accept"), key="words.accept", on_click=accept, args=(reading,))
        if len(reading.gaps) > parts.SHOWN_GAPS:
            note(t("words.more", count=len(reading.gaps) - parts.SHOWN_GAPS))
        elif len(reading.gaps) > 1:
            note(t("words.alone"))
    return reading


def head_name(name: str) -> str:
    """A head, or the mean over all, in words."""
    return t("attention.mean") if name == "mean" else name


def attention(reading: TextReading | None) -> None:
    if reading is None:
        note(t("words.empty"))
        return
    layers, heads = reading.attention.shape[:2]
    left, middle, right = st.columns([3, 5, 4], gap="medium", vertical_alignment="bottom")
    with left:
        numbers = [str(number) for number in range(1, layers + 1)]
        layer = pick(t("attention.layer"), "layer", numbers, numbers[0], str)
    with middle:
        options = ["mean", *(str(number) for number in range(1, heads + 1))]
        head = pick(t("attention.head"), "head", options, "mean", head_name)
    with right:
        signs = st.toggle(t("attention.signs"), key="attention.signs", persist_state="session")
    tokens = reading.pieces.tokens if signs else reading.pieces.tokens[1:-1]
    first = reading.gaps[0].place - (not signs) if reading.gaps else None
    window = attention_window(len(tokens), first)
    shown = chosen_attention(
        reading.attention, int(layer) - 1, None if head == "mean" else int(head) - 1, signs, window
    )
    if len(shown) < len(tokens):
        note(t("attention.cut", first=window.start + 1, last=window.stop, count=len(tokens)))
    import plotly.graph_objects as plotly  # here: no other page or part needs it

    with st.container(key=f"attention-{'wide' if len(shown) > 14 else 'small'}"):
        st.plotly_chart(
            plotly.Figure(attention_map(shown, tokens[window])),
            key="attention",
            config={"displayModeBar": False},
            alt=t("attention.alt", layer=layer),
        )
    note(t("attention.note"))


def likeness(reading: TextReading | None) -> None:
    st.session_state.setdefault("likeness", COMPARED)
    box = st.text_area(
        t("likeness.box"),
        key="likeness",
        height=130,
        on_change=cut_box,
        args=("likeness", MOST),
        persist_state="session",
    )
    said_cut("likeness", MOST)
    texts = [line.strip() for line in (box or "").splitlines() if is_visible(line)]
    if len(texts) < 2:
        note(t("likeness.few"))
        return
    if len(texts) > MOST_COMPARED:
        note(t("likeness.many", count=MOST_COMPARED))
        texts = texts[:MOST_COMPARED]
    reader = visitor_language()
    found = [reader.encode(text, PARTS) for text in texts]
    unread(*found, in_parts=PARTS)
    known = [one.unknown < len(one.ids) - 2 for one in found]
    if not all(known):
        note(t("likeness.blank"))
    st.html(parts.likeness(texts, similarity(reader.embed(texts)), known))
    note(t("likeness.note"))


def pieces(reading: TextReading | None) -> None:
    if reading is None:
        note(t("words.empty"))
        return
    st.html(parts.pieces(reading))
    note(
        t(
            "pieces.note",
            count=len(reading.pieces.ids),
            words=len(reading.words),
            last=visitor_language().tokenizer.vocab_size - 1,
        )
    )


def model(reading: TextReading | None) -> None:
    reader = visitor_language()
    manifest = reader.artifact.manifest
    st.html(model_facts(reader))
    if manifest.config.get("foreign"):
        note(t("model.foreign", name=manifest.data))
        return
    left, right = st.columns(2, gap="large")
    with left:
        st.html(heading(t("model.corpora")) + parts.corpora(manifest.metrics, reader.limit))
        note(t("model.corpora_note"))
    if manifest.history:
        with right:
            st.html(heading(t("model.curve")))
            st.echarts_chart(history_chart(manifest.history), height=300, key="model.curve", alt=t("model.curve_alt"))
            note(t("model.curve_note"))


PLAYS = {"attention": attention, "likeness": likeness, "pieces": pieces, "model": model}


@st.fragment
def studio() -> None:
    """All that follows the text: one fragment, so that a click runs this and nothing else."""
    with told():  # all at once: where there is no model, what follows would only say so again
        reading = None
        if is_visible(text := ask()):
            reading = answer(text)
        else:
            problems("", [explain(TextError("text_empty"))])
        section_title(t("words.more_title"))
        plays = list(PLAYS)
        chosen = pick(t("words.play"), "show", plays, "attention", lambda name: t(f"show.{name}"), hide_label=True)
        PLAYS[chosen](reading)


above = st.container()
choose_language()
with above:  # only now: the choice below it says which model answers
    page_title(t("words.title"), t("words.lead_shipped" if shipped_answers() else "words.lead"))
    can_answer = demo_note("language")
if can_answer:
    studio()
own_text()
