from collections.abc import Callable
from pathlib import Path

import pytest

from sslrec.data.sets import DATA_SETS, source_of

FILES = {
    "mnist": ("mnist/mnist.npz",),
    "fashion_mnist": ("fashion_mnist/fashion_mnist.npz",),
    "fashion_products": ("fashion_products/styles.csv", "fashion_products/images.zip"),
    "film_abstracts": ("text/film_abstracts.txt.gz",),
    "gutenberg": ("text/gutenberg.txt.gz",),
    "wikitext2": ("text/wikitext2_valid.txt.gz", "text/wikitext2_test.txt.gz"),
    "product_names": ("text/product_names.txt.gz",),
    "movielens": ("movielens/items.csv.gz",),
}


@pytest.fixture
def data(tmp_path: Path, set_variables: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without data sets."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    set_variables(DATA=tmp_path / "data", HOME=tmp_path / "home")
    return tmp_path / "data"


def test_every_data_set_is_known():
    assert set(DATA_SETS) == {"digits", *FILES}


@pytest.mark.parametrize("name", FILES)
def test_a_data_set_is_here_when_all_of_it_is(name: str, data: Path):
    *others, last = (data / file for file in FILES[name])
    last.parent.mkdir(parents=True)
    for file in others:
        assert source_of(name) is None
        file.touch()
    assert source_of(name) is None
    last.touch()
    assert source_of(name) == str(last.parent if others else last)
    assert [one for one in DATA_SETS if source_of(one)] == ["digits", name]


def test_without_a_folder_there_are_the_digits_of_scikit_learn(data: Path, set_variables: Callable[..., None]):
    set_variables(DATA="")
    assert [name for name in DATA_SETS if source_of(name)] == ["digits"]
    assert source_of("digits") == "scikit-learn"
