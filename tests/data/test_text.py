import gzip
import zlib
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from sslrec.data import text
from sslrec.data.catalogue import builtin_path, is_held_out
from sslrec.errors import DataError, SslrecError


def write(folder: Path, name: str, lines: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(gzip.compress("\n".join(lines).encode()))


@pytest.fixture
def corpora(tmp_path: Path, set_variables: Callable[..., None]) -> Path:
    folder = tmp_path / "text"
    write(folder, "gutenberg.txt.gz", [f"Line {n}" for n in range(60)] + ["LINE 19", "", "  "])
    write(folder, "wikitext2_valid.txt.gz", [f"valid {n} <unk>" for n in range(10)])
    write(folder, "wikitext2_test.txt.gz", [f"test {n}" for n in range(30)])
    write(folder, "product_names.txt.gz", [f" Shoe {n} " for n in range(400)])
    set_variables(DATA=tmp_path)
    return folder


def test_every_twentieth_line_is_held_out(corpora: Path):
    corpus = text.load("gutenberg")
    assert list(corpus.held_out()) == ["Line 19", "Line 39", "Line 59"]
    train = list(corpus.train())
    assert len(train) == 57
    assert "Line 18" in train
    assert not {line.lower() for line in train} & {line.lower() for line in corpus.held_out()}


def test_a_corpus_can_be_read_again_and_says_where_it_is_from(corpora: Path):
    corpus = text.load("gutenberg")
    assert list(corpus.train()) == list(corpus.train())
    assert corpus.source == str(corpora)
    assert len(corpus.sha256) == 64


def test_a_corpus_of_two_files_is_one(corpora: Path):
    lines = [*text.load("wikitext2").train(), *text.load("wikitext2").held_out()]
    assert len(lines) == 40
    assert "valid 0 [UNK]" in lines  # the source's mark becomes the tokenizer's


def test_names_of_the_recommenders_held_out_products_are_nowhere(corpora: Path):
    corpus = text.load("product_names")
    lines = [*corpus.train(), *corpus.held_out()]
    assert 330 < len(lines) < 390
    assert not any(zlib.crc32(line.strip().lower().encode()) % 10 == 0 for line in lines)


def test_only_the_corpora_that_are_here_are_loaded(corpora: Path):
    assert [corpus.name for corpus in text.load_all()] == ["gutenberg", "wikitext2", "product_names"]
    with pytest.raises(DataError, match="film_abstracts"):
        text.load("film_abstracts")


def test_an_unknown_corpus_is_said():
    with pytest.raises(DataError, match="choose one of: film_abstracts, gutenberg, wikitext2, product_names, builtin"):
        text.load("poems")


def test_a_file_that_is_cut_off_is_said(corpora: Path):
    path = corpora / "gutenberg.txt.gz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match=r"'gutenberg' at .* cannot be read"):
        list(text.load("gutenberg").train())


def test_a_visitors_lines_are_a_corpus_too():
    corpus = text.from_lines("own", ["one", " ", "two <unk> "], "a text box")
    assert list(corpus.train()) == ["one", "two [UNK]"]
    assert list(corpus.held_out()) == []
    assert corpus.source == "a text box"
    assert corpus.sha256 != text.from_lines("own", ["one"], "").sha256


def test_the_real_corpora_have_their_known_counts():
    if any(text.find(name) is None for name in text.FILES):
        pytest.skip("needs SSLREC_DATA/text")
    counts = {name: sum(1 for _ in text.load(name).held_out()) for name in text.FILES}
    assert counts == {"film_abstracts": 147, "gutenberg": 1163, "wikitext2": 267, "product_names": 1378}


@pytest.fixture
def catalogue(tmp_path: Path, set_variables: Callable[..., None]) -> Path:
    """No corpora, and a catalogue of 100 products."""
    set_variables(ASSETS=tmp_path, DATA=tmp_path / "nothing")
    path = builtin_path()
    path.parent.mkdir(parents=True)
    titles = [f"Shoe {n}" for n in range(100)]
    table = pyarrow.table({"title": titles, "description": [f"About {title}." for title in titles]})
    pyarrow.parquet.write_table(table, path)
    return path


def test_without_data_the_catalogues_words_are_the_corpus(catalogue: Path):
    (corpus,) = text.load_all()
    assert (corpus.name, corpus.source) == ("builtin", str(catalogue))
    lines = [*corpus.train(), *corpus.held_out()]
    names = [line for line in lines if line.startswith("Shoe")]
    assert 80 < len(names) < 98
    assert not any(is_held_out(name) for name in names)
    assert {f"About {name}." for name in names} <= set(lines)


def test_a_damaged_or_missing_catalogue_is_said(catalogue: Path):
    catalogue.write_bytes(b"no parquet")
    with pytest.raises(SslrecError, match="builtin"):
        text.load_all()
    catalogue.unlink()
    with pytest.raises(SslrecError, match="catalog build"):
        text.load_all()
