"""The text in the box, where it is longer than what is kept of it."""

from types import SimpleNamespace

import pytest

from sslrec.ui import fill_words
from sslrec.ui.fill_words import MOST
from tests.ui.test_fill_parts import reading

EXAMPLE = "a [MASK]"


@pytest.fixture
def session(monkeypatch):
    found = {}
    monkeypatch.setattr(fill_words, "st", SimpleNamespace(session_state=found, query_params={}))
    monkeypatch.setattr(fill_words, "came_back", lambda: False)
    monkeypatch.setattr(fill_words, "is_held", lambda *_: True)
    return found


def test_what_is_too_long_is_cut_where_it_is_typed_and_known_to_be(session):
    session["text"] = "x" * (MOST + 1)
    fill_words.typed(EXAMPLE)
    assert session["text"] == "x" * MOST
    assert fill_words.is_cut()
    session["text"] = "x" * MOST
    fill_words.typed(EXAMPLE)
    assert session["text"] == "x" * MOST
    assert not fill_words.is_cut()


def test_a_link_that_is_too_long_is_cut(session):
    fill_words.st.query_params["text"] = "x" * (MOST + 1)
    fill_words.settle(EXAMPLE, pytest.fail)
    assert session["text"] == "x" * MOST
    assert fill_words.is_cut()


def test_a_click_on_a_word_loses_nothing_of_a_long_text(session):
    rest = "x" * (MOST - len("red "))
    session["text"] = f"red {rest}"
    fill_words.typed(EXAMPLE)
    session["text.words"] = {"click": {"index": 0, "word": "red", "serial": 1}}
    fill_words.settle(EXAMPLE, reading)
    assert session["text"] == f"[MASK] {rest}"
    fill_words.settle(EXAMPLE, pytest.fail)
    assert session["text"] == f"[MASK] {rest}"
    assert fill_words.hidden_words(session["text"]) == ["red"]
    fill_words.typed(EXAMPLE)
    assert session["text"] == f"[MASK] {rest}"
    assert not fill_words.is_cut()


def test_a_word_that_was_hidden_is_known_when_the_browsers_way_back_brings_its_text(session):
    fill_words.put("he [MASK] the door", ["opened"])
    fill_words.put("he [MASK] the [MASK]", ["opened", "door"])
    fill_words.take("he [MASK] the door")
    assert fill_words.hidden_words(session["text"]) == ["opened"]
    for number in range(fill_words.MOST_PAST):
        fill_words.put(f"he [MASK] {number}", ["opened"])
    fill_words.take("he [MASK] the door")
    assert fill_words.hidden_words(session["text"]) == [None]


def test_what_was_typed_is_not_sent_back_to_the_box(session, monkeypatch):
    class Once(dict):
        def __setitem__(self, key, value):
            assert key != "text"
            super().__setitem__(key, value)

    monkeypatch.setattr(fill_words.st, "session_state", Once(text="red shoe"))
    fill_words.typed(EXAMPLE)
    assert fill_words.st.query_params["text"] == "red shoe"
