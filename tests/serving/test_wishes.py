import numpy as np
import pytest

from sslrec.config import ROOT
from sslrec.data.tokens import TextTokenizer
from sslrec.serving.recommendation import Note
from sslrec.serving.wishes import MAX_CHARACTERS, Wish, read_wish, without_word

LIMIT = 32


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    return TextTokenizer.load(ROOT / "assets" / "tokenizer" / "tokenizer.json")


def words(wish: Wish) -> list[str]:
    return [wish.text[start:end] for start, end in wish.words]


def test_an_english_wish_is_read_as_it_is(tokenizer: TextTokenizer):
    wish = read_wish("  Red running shoes, size 42! ", tokenizer, LIMIT)
    assert wish.text == "Red running shoes, size 42!"
    assert words(wish) == ["Red", "running", "shoes", "size", "42"]
    assert wish.notes == ()
    np.testing.assert_array_equal(wish.ids, tokenizer.encode("Red running shoes size 42").ids)


def test_a_word_with_a_hyphen_is_one(tokenizer: TextTokenizer):
    assert words(read_wish("striped T-shirt", tokenizer, LIMIT)) == ["striped", "T-shirt"]


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_blank_is_no_wish_and_nothing_to_note(tokenizer: TextTokenizer, text: str):
    wish = read_wish(text, tokenizer, LIMIT)
    assert wish.ids is None
    assert wish.notes == ()


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("红色运动鞋", "text_not_english", ("红色运动鞋",)),
        ("кроссовки красные", "text_not_english", ("кроссовки", "красные")),
        ("xqzvkj", "text_unknown", ("xqzvkj",)),
        ("?!...", "text_unknown", ("?!...",)),
        ("😀 😀", "text_unknown", ("😀 😀",)),
    ],
)
def test_a_text_without_a_known_word_is_missing(tokenizer: TextTokenizer, text: str, code: str, said: tuple[str, ...]):
    wish = read_wish(text, tokenizer, LIMIT)
    assert wish.ids is None
    assert wish.words == ()
    assert wish.notes == (Note(code, said),)


def test_of_a_mixed_text_the_known_words_are_taken(tokenizer: TextTokenizer):
    wish = read_wish("红色 shoes xqzvkj", tokenizer, LIMIT)
    assert words(wish) == ["shoes"]
    assert wish.notes == (Note("text_words_unknown", ("红色", "xqzvkj")),)
    assert tokenizer.unknown_id not in list(wish.ids)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("red xqzt shoes", "xqzt"),
        ("xqzvkj, red shoes", "xqzvkj"),
        ("red shoes xqz-vkj", "xqz-vkj"),
        ("red (红色)! shoes", "红色"),
    ],
)
def test_what_is_said_to_be_left_out_is(tokenizer: TextTokenizer, text: str, word: str):
    wish = read_wish(text, tokenizer, LIMIT)
    assert wish.notes == (Note("text_words_unknown", (word,)),)
    start = text.index(word)
    rest = without_word(text, (start, start + len(word)))
    np.testing.assert_array_equal(wish.ids, read_wish(rest, tokenizer, LIMIT).ids)


@pytest.mark.parametrize(
    ("text", "known", "plain"),
    [
        ("red dress👗", ["red", "dress"], "red dress"),
        ("red dress❤️", ["red", "dress"], "red dress"),
        ("red 👩🏽‍👧dress", ["red", "dress"], "red dress"),
        ("sneakers™", ["sneakers"], "sneakers"),
        ("sneakers®, red", ["sneakers", "red"], "sneakers, red"),
        ("red👟sneakers", ["red", "sneakers"], "red sneakers"),
        ("ｒｅｄ　ｄｒｅｓｓ", ["ｒｅｄ", "ｄｒｅｓｓ"], "red dress"),
    ],
)
def test_a_symbol_takes_no_word_along(tokenizer: TextTokenizer, text: str, known: list[str], plain: str):
    wish = read_wish(text, tokenizer, LIMIT)
    assert wish.text == text
    assert words(wish) == known  # as they were typed
    assert wish.notes == ()
    np.testing.assert_array_equal(wish.ids, tokenizer.encode(plain.replace(",", "")).ids)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("red xqzvkj™ shoes👟", Note("text_words_unknown", ("xqzvkj",))),
        ("ｘｑｚｖｋｊ👗", Note("text_unknown", ("ｘｑｚｖｋｊ",))),
        ("连衣裙👗", Note("text_not_english", ("连衣裙",))),
    ],
)
def test_a_strange_word_is_named_as_it_was_typed_and_without_its_symbol(
    tokenizer: TextTokenizer, text: str, note: Note
):
    assert read_wish(text, tokenizer, LIMIT).notes == (note,)


def test_a_long_text_is_cut_and_says_so(tokenizer: TextTokenizer):
    wish = read_wish("blue jeans " * 5000, tokenizer, LIMIT)
    assert len(wish.ids) == LIMIT
    assert wish.ids[0] == tokenizer.start_id
    assert wish.ids[-1] == tokenizer.end_id
    assert wish.notes == (Note("text_cut"),)


def test_one_endless_word_is_answered(tokenizer: TextTokenizer):
    wish = read_wish("a" * (2 * MAX_CHARACTERS), tokenizer, LIMIT)
    assert [note.code for note in wish.notes] in (["text_unknown"], ["text_cut"])


def test_a_text_of_just_the_models_length_is_not_cut(tokenizer: TextTokenizer):
    assert read_wish("red " * (LIMIT - 2), tokenizer, LIMIT).notes == ()
    assert read_wish("red " * (LIMIT - 1), tokenizer, LIMIT).notes == (Note("text_cut"),)


def test_a_word_is_taken_out_at_its_place():
    assert without_word("red red shoes", (4, 7)).split() == ["red", "shoes"]


@pytest.mark.parametrize(
    ("text", "telling"),
    [("qwertyuiop red", ["red"]), ("asdfgh", []), ("navy sneekers", ["navy", "sneekers"]), ("size 42", ["size", "42"])],
)
def test_letters_at_random_are_never_named_as_a_reason(tokenizer: TextTokenizer, text: str, telling: list[str]):
    wish = read_wish(text, tokenizer, LIMIT)
    assert [wish.text[start:end] for start, end in wish.telling] == telling


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("red boots!!!", "red boots"),
        ("red boots :)", "red boots"),
        ("(red) boots?", "red boots"),
        ("shoes,red", "shoes red"),
        ("<b>red</b> boots", "b red b boots"),
        ("boots [PAD] [MASK]", "boots pad mask"),
        ("men's t-shirt", "men's t-shirt"),
        ("tie & dye, 100% cotton", "tie & dye 100% cotton"),
    ],
)
def test_signs_that_tell_nothing_of_a_product_are_left_out(tokenizer: TextTokenizer, text: str, plain: str):
    wish = read_wish(text, tokenizer, LIMIT)
    assert wish.notes == ()
    np.testing.assert_array_equal(wish.ids, tokenizer.encode(plain).ids)


@pytest.mark.parametrize(
    ("text", "plain", "notes"),
    [
        ("shoes not red", "shoes", (Note("text_negated", ("not red",)),)),
        ("sneakers, but not white", "sneakers", (Note("text_negated", ("but not white",)),)),
        ("no leather boots", "boots", (Note("text_negated", ("no leather",)),)),
        ("No leather boots", "boots", (Note("text_negated", ("No leather",)),)),
        ("dress without any sleeves", "dress", (Note("text_negated", ("without any sleeves",)),)),
        ("mug not red or blue", "mug", (Note("text_negated", ("not red or blue",)),)),
        ("lamp under $50", "lamp", (Note("text_price", ("under $50",)),)),
        ("lamp for 1,200 euros", "lamp", (Note("text_price", ("for 1,200 euros",)),)),
        ("red lamp between $20 and $50", "red lamp", (Note("text_price", ("between $20", "and $50")),)),
        ("boots less than 50, black", "boots black", (Note("text_price", ("less than 50",)),)),
        (
            "bag, no leather, below 30€",
            "bag",
            (Note("text_negated", ("no leather",)), Note("text_price", ("below 30€",))),
        ),
        ("not only red shoes", "not only red shoes", ()),
        ("under armour shirt", "under armour shirt", ()),
        ("bottle under 50 cm", "bottle under 50 cm", ()),
        ("No Country for Old Men", "No Country for Old Men", ()),
        ("no-show socks, size 42", "no-show socks size 42", ()),
    ],
)
def test_what_no_model_weighs_is_left_out_and_said(tokenizer: TextTokenizer, text: str, plain: str, notes):
    wish = read_wish(text, tokenizer, LIMIT)
    assert wish.notes == notes
    np.testing.assert_array_equal(wish.ids, tokenizer.encode(plain).ids)
    assert not {"red", "leather", "white", "sleeves", "50", "20"} & set(words(wish)) - set(plain.split())


@pytest.mark.parametrize(("text", "code"), [("not a shoe", "text_negated"), ("under $50!", "text_price")])
def test_what_is_not_wanted_alone_is_no_wish(tokenizer: TextTokenizer, text: str, code: str):
    wish = read_wish(text, tokenizer, LIMIT)
    assert wish.ids is None
    assert [note.code for note in wish.notes] == [code]


@pytest.mark.parametrize("text", ["这件衣服很好看" * 60, "red " + "这件衣服很好看" * 60])
def test_of_an_endless_strange_word_only_the_beginning_is_quoted(tokenizer: TextTokenizer, text: str):
    (note,) = read_wish(text, tokenizer, LIMIT).notes
    assert all(len(name) == 40 and name.endswith("…") for name in note.words)
