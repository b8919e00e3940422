from pathlib import Path

import pytest

from sslrec.config import settings
from sslrec.data import shops
from sslrec.errors import DataError


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SSLREC_DATA", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    settings.cache_clear()


def test_the_built_in_catalogue_is_always_there():
    assert [path.name for path in shops.find("builtin") or ()] == ["catalogue.parquet"]
    shops.require("builtin")


def test_both_files_of_the_fashion_products_are_wanted(empty: Path):
    folder = empty / "fashion_products"
    folder.mkdir()
    (folder / "styles.csv").touch()
    with pytest.raises(DataError, match="fashion_products"):
        shops.require("fashion_products")
    (folder / "images.zip").touch()
    assert shops.find("fashion_products") == (folder / "styles.csv", folder / "images.zip")


def test_other_names_are_no_shops():
    assert shops.find("mnist") is None
