from pathlib import Path

import numpy as np
import pytest
from transformers import AutoTokenizer

from sslrec.data import tokens
from sslrec.data.tokens import SPECIAL, TextTokenizer, check_ids, pad, train_tokenizer
from sslrec.errors import TextError

LINES = [
    "Nike Men Navy Blue Running Shoes",
    "Nike Women Navy Striped T-shirt",
    "Puma Men Black Running Shoes",
    "Café Society is a film; the café is blue.",
] * 5


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    return train_tokenizer(LINES, 200)


def test_special_pieces_have_known_ids(tokenizer: TextTokenizer):
    assert [tokenizer.token(number) for number in range(5)] == list(SPECIAL)
    assert (tokenizer.pad_id, tokenizer.unknown_id, tokenizer.start_id, tokenizer.end_id, tokenizer.mask_id) == (
        0,
        1,
        2,
        3,
        4,
    )
    np.testing.assert_array_equal(np.flatnonzero(tokenizer.special), range(5))


def test_the_same_lines_give_the_same_tokenizer(tmp_path: Path):
    for name in "ab":
        train_tokenizer(LINES, 60).save(tmp_path / name)
    assert (tmp_path / "a" / "tokenizer.json").read_bytes() == (tmp_path / "b" / "tokenizer.json").read_bytes()


def test_text_is_lower_cased_without_accents_and_split_at_punctuation(tokenizer: TextTokenizer):
    pieces = tokenizer.encode("Nike  CAFÉ T-Shirt")
    assert pieces.tokens == ("[CLS]", "nike", "cafe", "t", "-", "shirt", "[SEP]")
    assert pieces.words == (None, 0, 1, 2, 3, 4, None)
    assert pieces.ids.dtype == np.int32


def test_pieces_know_their_place_in_the_text(tokenizer: TextTokenizer):
    text = "Puma bluest [MASK] shoes"
    pieces = tokenizer.encode(text)
    assert [text[start:end] for start, end in pieces.spans[1:-1]] == ["Puma", "blue", "s", "t", "[MASK]", "shoes"]
    assert pieces.words[1:-1] == (0, 1, 1, 1, 2, 3)
    assert pieces.ids[5] == tokenizer.mask_id
    continues = tokenizer.continues[pieces.ids]
    np.testing.assert_array_equal(continues, [False, False, False, True, True, False, False, False])


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_a_text_without_words_is_start_and_end(tokenizer: TextTokenizer, text: str):
    assert tokenizer.encode(text).tokens == ("[CLS]", "[SEP]")


@pytest.mark.parametrize("text", ["🙂", "你", "Ω"])
def test_what_has_no_piece_is_unknown(tokenizer: TextTokenizer, text: str):
    assert tokenizer.encode(text).tokens == ("[CLS]", "[UNK]", "[SEP]")


def test_a_long_text_loses_its_end_and_says_how_much(tokenizer: TextTokenizer):
    pieces = tokenizer.encode("nike men blue shoes", limit=4)
    assert pieces.tokens == ("[CLS]", "nike", "men", "[SEP]")
    assert pieces.dropped == 2
    assert len(pieces.words) == len(pieces.spans) == 4
    assert tokenizer.encode("nike men", limit=4).dropped == 0


def test_a_cut_inside_a_word_is_told(tokenizer: TextTokenizer):
    text = "Puma bluest [MASK] shoes"
    cuts = {limit: tokenizer.encode(text, limit).splits_word for limit in range(2, 10)}
    assert [limit for limit, splits in cuts.items() if splits] == [4, 5]
    assert not tokenizer.encode(text).splits_word


def test_lines_are_encoded_as_texts_are(tokenizer: TextTokenizer):
    rows = list(tokenizer.encode_lines(LINES, batch=3))
    assert len(rows) == len(LINES)
    for row, line in zip(rows, LINES, strict=True):
        np.testing.assert_array_equal(row, tokenizer.encode(line).ids[1:-1])


def test_decoding_gives_the_words_back(tokenizer: TextTokenizer):
    assert tokenizer.decode(tokenizer.encode("Navy bluest shoes").ids) == "navy bluest shoes"


def test_transformers_loads_it_and_splits_alike(tokenizer: TextTokenizer, tmp_path: Path):
    tokenizer.save(tmp_path, max_length=64)
    other = AutoTokenizer.from_pretrained(tmp_path)
    for line in [*LINES[:4], "🙂 [MASK] bluest"]:
        np.testing.assert_array_equal(other(line)["input_ids"], tokenizer.encode(line).ids)
    assert other.mask_token_id == tokenizer.mask_id
    assert other.pad_token_id == tokenizer.pad_id
    assert other.model_max_length == 64
    again = TextTokenizer.load(tmp_path / "tokenizer.json")
    assert again.vocab_size == tokenizer.vocab_size


@pytest.mark.parametrize("content", [None, "", "{}", '{"model": 3}'])
def test_a_missing_or_damaged_file_is_said(tmp_path: Path, content: str | None):
    path = tmp_path / "tokenizer.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(TextError, match=r"tokenizer at .*tokenizer\.json cannot be read"):
        TextTokenizer.load(path)


def test_a_tokenizer_without_special_pieces_is_refused():
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece

    with pytest.raises(TextError, match=r"no \[UNK\], \[CLS\]"):
        TextTokenizer(Tokenizer(WordPiece({"[PAD]": 0}, unk_token="[UNK]")))


@pytest.mark.parametrize("number", [-1, 7, 9])
def test_ids_beyond_the_vocabulary_are_refused(number: int):
    check_ids(np.array([[0, 6]]), 7)
    with pytest.raises(TextError, match=f"Piece number {number} is not one of the 7"):
        check_ids(np.array([[0, number]]), 7)


def test_a_piece_beyond_the_vocabulary_has_no_name(tokenizer: TextTokenizer):
    with pytest.raises(TextError, match="Piece number 99999"):
        tokenizer.token(99999)


def test_padding():
    token_ids, mask = pad([np.array([2, 9, 3]), np.array([2, 3])], 0)
    np.testing.assert_array_equal(token_ids, [[2, 9, 3], [2, 3, 0]])
    np.testing.assert_array_equal(mask, [[1, 1, 1], [1, 1, 0]])


def test_rare_letters_take_no_piece(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tokens, "ALPHABET_SIZE", 3)
    tokenizer = train_tokenizer(["aaa bbb ccc abc z"], 50)
    assert tokenizer.encode("z a").tokens == ("[CLS]", "[UNK]", "a", "[SEP]")
