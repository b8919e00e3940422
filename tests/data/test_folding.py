import numpy as np
import pytest

from sslrec.data.catalogue import load_catalogue
from sslrec.data.folding import fold_symbols
from sslrec.data.shops import builtin_path
from sslrec.data.tokens import TextTokenizer
from sslrec.data.vocabulary import load_tokenizer


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("red dress👗", "red dress "),
        ("red dress❤️!", "red dress  !"),
        ("Nike® Sneakers™", "Nike  Sneakers "),
        ("mum👩🏽‍👧s", "mum    s"),  # a woman, her skin's tone, a joiner, a girl
        ("size 4️⃣2️⃣", "size 4  2  "),
        ("red\u200bdress", "red dress"),
        ("10×15→20€", "10 15 20 "),
        ("ｒｅｄ　Ｔ－ｓｈｉｒｔ！～", "red　T-shirt!~"),
        ("\U000e0100\ufe00\ufe0f", "   "),
    ],
)
def test_symbols_become_blanks_and_full_width_letters_plain(text: str, folded: str):
    assert fold_symbols(text) == folded
    assert len(text) == len(folded)


@pytest.mark.parametrize(
    "text", ["", "T-shirt, <$5> ^`~|+=", "café à 5 ½", "红色连衣裙", "кроссовки", "naïve “quotes” –…", "\ud800"]
)
def test_anything_else_stays_as_it_is(text: str):
    assert fold_symbols(text) == text


def test_a_symbol_takes_no_word_along():
    tokenizer: TextTokenizer = load_tokenizer()
    plain = tokenizer.encode("Nike sneakers red dress").ids
    assert tokenizer.unknown_id not in plain
    for text in ("Nike® sneakers™ red👟 dress❤️", "Ｎｉｋｅ sneakers ｒｅｄ dress"):
        assert tokenizer.unknown_id in tokenizer.encode(text).ids
        np.testing.assert_array_equal(tokenizer.encode(fold_symbols(text)).ids, plain)


@pytest.mark.skipif(not builtin_path().is_file(), reason="the built-in catalogue is not in assets")
def test_the_vectors_in_assets_are_of_names_that_stay_as_they_are():
    titles = load_catalogue("builtin").titles
    assert [fold_symbols(title) for title in titles] == titles
