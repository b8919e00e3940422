import pytest

from sslrec.data.tokens import TextTokenizer
from sslrec.data.vocabulary import load_tokenizer
from sslrec.serving.spelling import as_titled, misspelled

WORDS = frozenset(("mug", "sneakers", "boots", "dress", "dresses", "berries", "navy", "glass"))


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    return load_tokenizer()


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("mugs", "mug"),
        ("a navy Sneaker!", "a navy sneakers!"),
        ("boot, dress", "boots, dress"),
        ("glasses", "glass"),
        ("berry", "berries"),
        ("this lamps s", "this lamps s"),
        ("T-shirts of 42s", "T-shirts of 42s"),
    ],
)
def test_nouns_are_read_in_the_number_that_names_have(text: str, read: str):
    assert as_titled(text, WORDS) == read


def test_a_misspelled_word_is_named_with_the_one_that_it_may_mean(tokenizer: TextTokenizer):
    assert misspelled("navy snekers, Snekers", WORDS, tokenizer) == ("snekers (sneakers?)",)
    assert misspelled("summer sneakers qwertyuiop", WORDS, tokenizer) == ()
