import os
from collections.abc import Callable
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


@pytest.fixture
def kept(set_variables: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., str]:
    """Keeps a file of some bytes, each a second after the last, where three are kept at most."""
    set_variables(HOME=tmp_path / "home")
    monkeypatch.setattr(shops, "KEPT", 3)
    moments = iter(range(1_000, 2_000))

    def keep(content: str, needed: tuple[str, ...] = ()) -> str:
        file = tmp_path / "shop.parquet"
        file.write_text(content)
        for old in shops.own_folder("").glob(f"*/{shops.FILE}"):
            moment = old.stat().st_mtime if old.stat().st_mtime < 2_000 else next(moments)
            os.utime(old, (moment, moment))
        return shops.keep_own(file, needed)

    return keep


def test_of_own_catalogues_the_oldest_go(kept: Callable[..., str]):
    numbers = [kept(str(turn)) for turn in range(5)]
    assert [shops.own_folder(number).is_dir() for number in numbers] == [False, False, True, True, True]


def test_an_own_catalogue_that_a_training_needs_stays_however_many_come_after(kept: Callable[..., str]):
    first, second = kept("first"), kept("second")
    others = [kept(str(turn), (first, "0" * 16)) for turn in range(5)]
    assert (shops.own_folder(first) / shops.FILE).read_text() == "first"
    assert not shops.own_folder(second).exists()
    assert [shops.own_folder(number).is_dir() for number in others] == [False, False, True, True, True]


def test_an_own_catalogue_is_removed_by_its_number(kept: Callable[..., str]):
    first, second = kept("first"), kept("second")
    for _ in range(2):
        shops.remove_own(first)
    assert not shops.own_folder(first).exists()
    assert shops.own_folder(second).is_dir()
