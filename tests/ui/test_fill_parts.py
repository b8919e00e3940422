"""The pieces of the Language page."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from sslrec.data.tokens import NORMALIZER, Pieces
from sslrec.serving.language_reading import Filling, Gap, TextReading
from sslrec.ui import fill_parts as parts
from sslrec.ui import fill_words
from sslrec.ui.fill_charts import attention_map, attention_window, chosen_attention, history_chart
from sslrec.ui.fill_words import toggled

ALL = slice(None)


def reading(text="a [MASK] b [MASK]", dropped=0):
    """Of words that are a piece each."""
    tokens, spans, at = [], [], 0
    for word in text.split(" "):
        tokens.append(word)
        spans.append((at, at + len(word)))
        at += len(word) + 1
    gaps = tuple(
        Gap(place + 1, spans[place][0], spans[place][1], (Filling("shoe", 0.5), Filling("##s", 0.25)))
        for place, token in enumerate(tokens)
        if token == "[MASK]"
    )
    pieces = Pieces(
        np.arange(len(tokens) + 2, dtype=np.int32),
        ("[CLS]", *tokens, "[SEP]"),
        (None, *range(len(tokens)), None),
        ((0, 0), *spans, (0, 0)),
        dropped,
    )
    count = len(pieces.ids)
    attention = np.random.default_rng(0).dirichlet(np.ones(count), (2, 3, count))
    return TextReading(text, pieces, gaps, attention, np.zeros(4), 1.0)


def whole(word):
    """The spelling of a word that the vocabulary has, of a model that tells no capitals."""
    return (NORMALIZER.normalize_str(word),)


def test_a_word_is_hidden_and_brought_back():
    text, hidden = toggled(reading(), 0, [None, "c"])
    assert (text, hidden) == ("[MASK] [MASK] b [MASK]", ["a", None, "c"])
    assert toggled(reading(), 3, [None, "c"]) == ("a [MASK] b c", [None])


def test_a_gap_that_the_visitor_wrote_gets_the_best_guess():
    assert toggled(reading(), 1, [None, None]) == ("a shoe b [MASK]", [None])


def test_the_sentence_shows_the_guesses_and_escapes_the_rest():
    markup = parts.sentence(reading("<i> [MASK] &"))
    assert "&lt;i&gt; <mark" in markup
    assert ">shoe</mark> &amp;" in markup


def test_a_text_runs_in_its_own_direction_and_a_guess_in_its_own():
    markup = parts.sentence(reading("[MASK] שלום עולם"))
    assert '<p role="status" dir="auto"><mark dir="auto"' in markup


def test_the_hidden_word_is_marked_among_the_guesses():
    found = reading("a [MASK]")
    markup = parts.guesses(found.gaps, ["Shoe"], whole)
    assert 'class="sx-right"' in markup
    assert "guess number 1" in markup
    assert "guess number 1" in parts.guesses(found.gaps, ["shöe"], whole)
    assert "…s" in markup
    assert "not among the best 2" in parts.guesses(found.gaps, ["hat"], whole)


def test_a_hidden_word_is_found_as_the_model_spells_it():
    (gap,) = reading("a [MASK]").gaps
    cased = replace(gap, fillings=(Filling("paris", 0.5), Filling("Paris", 0.25)))
    markup = parts.guesses([cased], ["Paris"], lambda word: (word,))
    assert "guess number 2" in markup
    assert markup.count('class="sx-right"') == 1
    assert '<li class="sx-right"><b>Paris</b>' in markup


@pytest.mark.parametrize(
    ("spelled", "why"), [(("pi", "##zz", "##a"), "spelled with 3 pieces, and a gap takes one"), (("[UNK]",), "cannot")]
)
def test_a_hidden_word_that_no_piece_is_was_not_missed(spelled, why):
    markup = parts.guesses(reading("a [MASK]").gaps, ["pizza"], lambda _: spelled)
    assert "You hid “pizza”" in markup
    assert why in markup
    assert "not among" not in markup


def test_only_some_gaps_are_listed():
    found = reading("[MASK] " * 9 + "x")
    assert parts.guesses(found.gaps, [None] * 9, whole).count("<section>") == parts.SHOWN_GAPS


def test_the_pieces_of_a_word_stand_together():
    found = reading("un ##able x")
    pieces = Pieces(found.pieces.ids, found.pieces.tokens, (None, 0, 0, 1, None), found.pieces.spans, 0)
    markup = parts.pieces(TextReading(found.text, pieces, (), found.attention, found.vector, 1.0))
    assert markup.count("<li>") == 4


def test_the_nearest_text_of_each_row_is_framed():
    cosines = np.array([[1, 0.9, 0.2], [0.9, 1, 0.3], [0.2, 0.3, 1]])
    markup = parts.likeness(["a", "b", "<c>"], cosines, [True] * 3)
    assert markup.count("sx-best") == 3
    assert "&lt;c&gt;" in markup
    assert "sx-likeness" in parts.likeness(["a", "a"], np.ones((2, 2)), [True] * 2)


def test_of_a_text_without_a_known_word_no_figure_is_shown():
    markup = parts.likeness(["你", "a", "好", "b"], np.full((4, 4), 0.5), [False, True, False, True])
    assert markup.count("0.500") == markup.count("sx-best") == 2
    assert markup.count("<td>–</td>") == 10
    assert "0.5" not in parts.likeness(["你", "好"], np.full((2, 2), 0.5), [False, False])


def test_the_map_shows_a_head_or_their_mean_with_rows_that_sum_to_one():
    attention = reading().attention
    np.testing.assert_allclose(chosen_attention(attention, 1, 2, True, ALL), attention[1, 2])
    np.testing.assert_allclose(chosen_attention(attention, 0, None, True, ALL), attention[0].mean(axis=0))
    words = chosen_attention(attention, 0, 0, False, ALL)
    assert words.shape == (4, 4)
    np.testing.assert_allclose(words.sum(axis=1), 1)
    assert chosen_attention(attention[..., :2, :2], 0, 0, False, ALL).shape == (0, 0)
    np.testing.assert_array_equal(chosen_attention(attention, 0, 0, False, slice(1, 3)), words[1:3, 1:3])


@pytest.mark.parametrize(
    ("count", "gap", "first", "last"),
    [(20, None, 0, 20), (20, 15, 0, 20), (126, None, 0, 48), (126, 10, 0, 48), (126, 70, 46, 94), (126, 125, 78, 126)],
)
def test_of_a_long_text_the_map_shows_the_pieces_around_the_first_gap(count: int, gap: int, first: int, last: int):
    assert attention_window(count, gap) == slice(first, last)


@pytest.mark.parametrize("count", [0, 1, 40])
def test_the_map_is_plotlys(count):
    import plotly.graph_objects as plotly

    figure = attention_map(np.full((count, count), 0.5), ["x"] * count)
    json.dumps(figure, allow_nan=False)
    assert plotly.Figure(figure).to_dict()["layout"]["height"] >= 190


def test_the_curve_shows_what_was_measured():
    chart = history_chart([{"epoch": 1, "loss": 2.0}, {"epoch": 2, "loss": 1.0, "validation_loss": 1.5}])
    assert [one["data"] for one in chart["series"]] == [[[1, 2.0], [2, 1.0]], [[2, 1.5]]]


@pytest.mark.parametrize("cut", [False, True])
def test_what_the_limit_has_left_of_a_word_is_no_button(monkeypatch, cut):
    shown = {}
    monkeypatch.setattr(fill_words, "st", SimpleNamespace(session_state={}))
    monkeypatch.setattr(fill_words, "t", str)
    monkeypatch.setattr(fill_words, "note", str)
    monkeypatch.setattr(fill_words, "_component", lambda data, **_: shown.update(data))
    found = reading("the unbel", dropped=4)
    fill_words.word_buttons(replace(found, pieces=replace(found.pieces, splits_word=cut)))
    assert shown["words"] == (("", "the", "word"), (" ", "unbel", "fixed" if cut else "word"))
    assert shown["rest"] == "…"


def test_what_was_hidden_beyond_what_is_read_is_known_when_the_guesses_are_put_in(monkeypatch):
    session = {"text": "a [MASK] b [MASK]", "text.hidden": [None, "c"]}
    monkeypatch.setattr(fill_words, "st", SimpleNamespace(session_state=session))
    found = reading("a [MASK] b [MASK]")
    fill_words.accept(replace(found, gaps=found.gaps[:1]))
    assert session["text"] == "a shoe b [MASK]"
    assert fill_words.hidden_words(session["text"]) == ["c"]


def test_the_last_click_of_a_lost_session_hides_no_word_again(monkeypatch):
    session = {"text": "red shoe"}
    click = {"index": 1, "word": "shoe", "serial": 7}
    monkeypatch.setattr(fill_words, "st", SimpleNamespace(session_state=session))
    monkeypatch.setattr(fill_words, "t", str)
    monkeypatch.setattr(fill_words, "note", str)
    # Streamlit knows what a browser sent for a component once that is shown.
    monkeypatch.setattr(fill_words, "_component", lambda key, **_: session.setdefault(key, {"click": click}))
    fill_words.word_buttons(reading("red shoe"))
    fill_words.follow_click(reading)
    assert session["text"] == "red shoe"
    session["text.words"] = {"click": {**click, "serial": 8}}
    fill_words.follow_click(reading)
    assert session["text"] == "red [MASK]"


def test_what_could_not_be_measured_of_a_corpus_is_left_out():
    shown = parts.corpora({"corpora": {"gutenberg": {"top_1": 0.5, "trigram_top_1": None}}}, 128)
    assert "sx-model" in shown
    assert "sx-counts" not in shown
    assert "sx-model" not in parts.corpora({"corpora": {"own": {"top_1": float("nan"), "trigram_top_1": None}}}, 128)
