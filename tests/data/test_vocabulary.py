from collections.abc import Callable
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from sslrec import artifacts
from sslrec.data import text
from sslrec.data.vocabulary import COMMAND, build_tokenizer, load_tokenizer, tokenizer_folder
from sslrec.errors import ArtifactError


@pytest.fixture
def corpora() -> list[text.Corpus]:
    books = [f"a book of {n} [UNK] words" for n in range(40)]
    return [
        text.from_lines("gutenberg", books, "test"),
        text.from_lines("product_names", [f"sneaker {n}" for n in range(40)], "test"),
    ]


def test_the_tokenizer_is_an_artefact_that_says_where_it_is_from(corpora: list[text.Corpus], tmp_path: Path):
    built = build_tokenizer(tmp_path / "tokenizer", corpora, 80)
    manifest = artifacts.load_folder(tmp_path / "tokenizer", "tokenizer").manifest
    assert manifest.data == "gutenberg, product_names"
    assert corpora[0].sha256 in manifest.data_sha256
    assert manifest.metrics["pieces"] == built.vocab_size
    assert manifest.metrics["pieces_per_word_held_out"]["product_names"] == pytest.approx(1.5, abs=0.6)
    assert set(manifest.files) == {"tokenizer.json", "tokenizer_config.json"}


def test_words_left_out_by_the_source_teach_no_pieces(corpora: list[text.Corpus], tmp_path: Path):
    built = build_tokenizer(tmp_path, corpora, 200)
    pieces = {built.token(number) for number in range(5, built.vocab_size)}
    assert "words" in pieces
    assert not pieces & {"unk", "[", "]", "[UNK]"}


def test_the_shipped_one_is_loaded_from_the_assets(
    corpora: list[text.Corpus], tmp_path: Path, set_variables: Callable[..., None]
):
    set_variables(ASSETS=tmp_path)
    with pytest.raises(ArtifactError, match=COMMAND.replace(".", r"\.")):
        load_tokenizer()
    build_tokenizer(tokenizer_folder(), corpora, 80)
    assert load_tokenizer().encode("sneaker").tokens == ("[CLS]", "sneaker", "[SEP]")


def test_the_repositorys_tokenizer_knows_the_words_of_products():
    tokenizer = load_tokenizer()
    assert tokenizer.vocab_size == 8192
    line = "Puma Men Navy Blue Striped T-shirt"
    assert tokenizer.encode(line).tokens[1:-1] == ("puma", "men", "navy", "blue", "striped", "t", "-", "shirt")
    assert AutoTokenizer.from_pretrained(tokenizer_folder())(line)["input_ids"] == tokenizer.encode(line).ids.tolist()
