"""When the URL decides and when the session does: links, Back, and clicks that are quicker than the answer."""

from types import SimpleNamespace

import pytest

from sslrec.ui import fill_words, recommend_state, url
from sslrec.ui.recommend_state import LIKES, LINK_CHARACTERS, PAGE, TEXT
from sslrec.ui.url import choose_from_url, keep_in_url

SOURCES = ("draw", "samples", "upload")
EXAMPLE = "a [MASK]"


class Params(dict):
    """`st.query_params`, as far as it is used."""

    def __init__(self, **values):
        super().__init__(values)

    written = 0

    def get_all(self, key):
        return self.get(key, [])

    def from_dict(self, params):
        self.clear()
        self.update(params)
        self.written += 1


class Visit:
    """A session: what a run finds, and how the browser came to ask for it."""

    def __init__(self, monkeypatch):
        self.session, self.context = {}, SimpleNamespace(is_history_navigation=False, page_script_hash="digits")
        self.streamlit = SimpleNamespace(session_state=self.session, query_params=Params())
        for module in (url, recommend_state):
            monkeypatch.setattr(module, "st", self.streamlit)
        monkeypatch.setattr(url, "get_script_run_ctx", lambda **_: self.context)

    def come(self, *, back=False, page="digits", **query):
        """Begin a run with this URL."""
        self.streamlit.query_params = Params(**query)
        self.context = SimpleNamespace(is_history_navigation=back, page_script_hash=page)

    def source(self):
        """What is chosen in this run, and what the URL then says."""
        choose_from_url("input", SOURCES, "draw")
        return self.session["input"], self.streamlit.query_params.get("input")

    def choose(self, source):
        """The widget's callback: the visitor chose something else."""
        self.session["input"] = source
        keep_in_url("input", "draw")


@pytest.fixture
def visit(monkeypatch):
    return Visit(monkeypatch)


def test_a_link_decides_and_without_one_the_session(visit):
    visit.come(input=["upload"])
    assert visit.source() == ("upload", ["upload"])
    visit.come()
    assert visit.source() == ("upload", ["upload"])
    visit.come(input=["nonsense"])
    assert visit.source() == ("upload", ["upload"])


def test_a_quick_second_click_does_not_undo_the_first(visit):
    visit.come(input=["upload"])
    visit.source()
    visit.choose("samples")
    assert visit.source() == ("samples", ["samples"])
    # The click on another control left with the URL that the browser had before that answer.
    visit.come(input=["upload"])
    assert visit.source() == ("samples", ["samples"])
    visit.come(input=["samples"])
    visit.choose("upload")
    assert visit.source() == ("upload", ["upload"])


def test_what_one_click_changes_is_one_change_of_the_url(visit):
    """Each is a step of the browser's Back."""
    visit.come(q=["navy"], like=["a"], p=["3"], lang=["zh-CN"])
    recommend_state.settle()
    recommend_state.ask("brown boots", "sneakers-008")
    params = visit.streamlit.query_params
    assert params == {
        "q": ["brown boots"], "item": ["sneakers-008"], "picture": ["item"], "like": ["a"], "lang": ["zh-CN"],
    }  # fmt: skip
    assert params.written == 1
    recommend_state.change_catalogue("builtin", "own")
    assert (params.get("like"), params.get("item"), params.written) == (None, None, 2)
    recommend_state.change_catalogue("own", "builtin")
    assert (params["like"], params["item"], params.written) == (["a"], ["sneakers-008"], 3)


def test_a_replaced_url_means_what_it_says_as_a_link_from_another_page(visit):
    visit.come(input=["upload"])
    visit.source()
    visit.choose("samples")
    visit.come(page="home")
    choose_from_url("lang", ("en", "zh-CN"), "en")
    visit.come(input=["upload"])
    assert visit.source() == ("upload", ["upload"])


def test_back_takes_a_choice_back(visit):
    visit.come()
    visit.source()
    visit.choose("samples")
    visit.choose("upload")
    visit.come(back=True, input=["samples"])
    assert visit.source() == ("samples", ["samples"])
    visit.come(back=True)
    assert visit.source() == ("draw", None)


def test_back_to_where_a_visitor_came_in_leaves_what_they_had_chosen(visit):
    def run(**query):
        visit.come(**query)
        with url.arriving():
            return visit.source()

    run(input=["upload"])
    visit.come(page="home")
    with url.arriving():
        pass
    assert run() == ("upload", ["upload"])
    assert run(back=True) == ("upload", ["upload"])
    # What was chosen since then is taken back.
    visit.choose("samples")
    assert run(back=True, input=["upload"]) == ("upload", ["upload"])


def test_what_back_has_undone_undo_does_not_undo_again(visit):
    visit.come(q=["navy"])
    recommend_state.settle()
    recommend_state.remember()
    LIKES.set(["a"])
    visit.come(back=True, q=["navy"])
    recommend_state.settle()
    assert LIKES.value == []
    assert not recommend_state.can_undo()


def test_back_does_not_change_the_language(visit):
    visit.come(lang=["zh-CN"])
    choose_from_url("lang", ("en", "zh-CN"), "en")
    visit.come(back=True)
    choose_from_url("lang", ("en", "zh-CN"), "en")
    assert visit.session["lang"] == "zh-CN"


def test_back_takes_a_wish_back(visit):
    fields = (TEXT, PAGE, LIKES)

    def wish():
        for field in fields:
            field.settle()
        return tuple(field.value for field in fields)

    visit.come(q=["navy"])
    assert wish() == ("navy", 1, [])
    LIKES.set(["a"])
    LIKES.set(["a", "b"])
    PAGE.set(3)
    visit.come(back=True, q=["navy"], like=["a"])
    assert wish() == ("navy", 1, ["a"])
    visit.come(back=True)
    assert wish() == ("", 1, [])


def test_back_leaves_a_wish_that_no_url_can_say(visit):
    visit.come()
    TEXT.set("x" * (LINK_CHARACTERS + 1))
    visit.come(back=True)
    TEXT.settle()
    assert len(TEXT.value) > LINK_CHARACTERS


@pytest.fixture
def text_of(visit, monkeypatch):
    """The text in the box of the Language page after a run."""
    monkeypatch.setattr(fill_words, "st", visit.streamlit)

    def settled():
        fill_words.settle(EXAMPLE, pytest.fail)
        return visit.session["text"]

    return settled


def test_back_brings_the_text_of_its_url(visit, text_of):
    visit.come(text="red shoe")
    assert text_of() == "red shoe"
    fill_words.put("red [MASK]", ["shoe"])
    visit.come(text="red shoe")
    assert text_of() == "red [MASK]"
    visit.come(back=True, text="red shoe")
    assert text_of() == "red shoe"
    assert fill_words.hidden_words("[MASK]") == [None]
    visit.come(back=True)
    assert text_of() == EXAMPLE


def test_back_to_the_same_text_still_knows_what_is_hidden_in_it(visit, text_of):
    visit.come()
    fill_words.put("red [MASK]", ["shoe"])
    visit.come(back=True, text="red [MASK]")
    assert text_of() == "red [MASK]"
    assert fill_words.hidden_words(text_of()) == ["shoe"]


def test_back_leaves_a_text_that_no_url_can_say(visit, text_of):
    visit.come()
    fill_words.put("long " * fill_words.IN_URL)
    visit.come(back=True)
    assert text_of().startswith("long")
