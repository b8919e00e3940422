from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sslrec.data.catalogue import Catalogue, load_catalogue
from sslrec.errors import CatalogueError
from sslrec.serving.catalogue_folder import ABOUT, vectors_beside
from sslrec.serving.catalogues import CatalogueIndex, index_catalogue
from sslrec.serving.kept import (
    catalogues_dir,
    keep_catalogue,
    kept_catalogues,
    kept_folder,
    proposed_name,
    remove_catalogue,
)
from sslrec.serving.recommender import Recommender
from tests.data.catalogue.samples import row, table

VECTORS = np.eye(4, dtype=np.float32)[:2]


@pytest.fixture(autouse=True)
def home(set_variables: Callable[..., None], tmp_path: Path) -> Path:
    set_variables(HOME=tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def index() -> CatalogueIndex:
    return index_catalogue(
        Catalogue("upload", "", table(row(), row(item_id="a2", title="Cap"))), VECTORS, Recommender()
    )


def test_a_catalogue_in_memory_is_kept_under_its_name_and_found_again(index: CatalogueIndex, home: Path):
    assert kept_catalogues() == []
    kept = keep_catalogue("Spring 2026", index, "digest")
    assert kept_catalogues() == [kept]
    assert (kept.name, kept.folder, kept.items) == ("Spring 2026", home / "catalogues" / "Spring 2026", 2)
    assert kept.size == sum(path.stat().st_size for path in kept.folder.iterdir()) > 1000
    found = load_catalogue(kept.folder)
    assert found.table.equals(index.catalogue.table)
    np.testing.assert_array_equal(vectors_beside(found, "digest", 4), VECTORS)


def test_a_taken_name_is_refused_and_what_it_names_stays(index: CatalogueIndex):
    kept = keep_catalogue("mine", index, "digest")
    with pytest.raises(CatalogueError) as caught:
        keep_catalogue("mine", index, "another")
    assert caught.value.code == "catalogue_kept"
    assert vectors_beside(load_catalogue(kept.folder), "digest", 4) is not None


def test_of_two_that_keep_one_name_at_once_the_first_stays(index: CatalogueIndex, monkeypatch: pytest.MonkeyPatch):
    from sslrec.serving import kept

    write, others = kept.write, []

    def write_late(*given) -> None:
        if not others:
            others.append(1)
            keep_catalogue("mine", index, "first")
        write(*given)

    monkeypatch.setattr(kept, "write", write_late)
    with pytest.raises(CatalogueError) as caught:
        keep_catalogue("mine", index, "second")
    assert caught.value.code == "catalogue_kept"
    assert vectors_beside(load_catalogue(kept_folder("mine")), "first", 4) is not None
    assert [path.name for path in catalogues_dir().iterdir()] == ["mine"]


@pytest.mark.parametrize("name", ["mine", "Spring 2026", "a", "商店 2", "v1.2-b_c", "x" * 60])
def test_names_that_are_good(name: str, index: CatalogueIndex):
    assert keep_catalogue(name, index, "digest").name == name


@pytest.mark.parametrize(
    "name",
    ["", " ", ".", "..", "../x", "a/b", "a\\b", ".hidden", "trailing ", "dot.", "x" * 61, "a\nb", "a\0b", "con",
     "NUL.txt", "builtin", "fashion_products", "a:b", "C:"],
)  # fmt: skip
def test_names_that_are_none(name: str, index: CatalogueIndex, home: Path):
    for call in (kept_folder, remove_catalogue, lambda given: keep_catalogue(given, index, "digest")):
        with pytest.raises(CatalogueError) as caught:
            call(name)
        assert caught.value.code == "catalogue_name"
    assert not home.exists()


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("products (1)", "products 1"),
        ("a+b, c", "a b c"),
        ("目录（新）", "目录 新"),
        ("...", ""),
        ("con", ""),
        ("x" * 99, "x" * 60),
    ],
)
def test_a_name_is_proposed_that_can_be_kept(file: str, name: str, index: CatalogueIndex):
    assert proposed_name(file) == name
    if name:
        assert keep_catalogue(name, index, "digest").name == name


def test_a_removed_catalogue_is_gone(index: CatalogueIndex):
    keep_catalogue("mine", index, "digest")
    keep_catalogue("other", index, "digest")
    assert remove_catalogue("mine")
    assert not remove_catalogue("mine")
    assert [kept.name for kept in kept_catalogues()] == ["other"]
    assert [path.name for path in catalogues_dir().iterdir()] == ["other"]


def test_what_is_no_whole_catalogue_is_not_listed_and_not_removed(index: CatalogueIndex):
    keep_catalogue("mine", index, "digest")
    for name in ("notes", ".mine.1-x.unfinished"):
        (catalogues_dir() / name).mkdir()
    (catalogues_dir() / "file.txt").write_text("x")
    assert [kept.name for kept in kept_catalogues()] == ["mine"]
    assert not remove_catalogue("notes")
    assert (catalogues_dir() / "notes").is_dir()


@pytest.mark.parametrize("said", ['{"items": null}', '{"items": "many"}', "{}", "[]", "{", '{"items": [1]}'])
def test_a_damaged_note_hides_its_own_catalogue_alone(said: str, index: CatalogueIndex):
    keep_catalogue("mine", index, "digest")
    broken = keep_catalogue("other", index, "digest")
    (broken.folder / ABOUT).write_text(said)
    assert [kept.name for kept in kept_catalogues()] == ["mine"]


def test_what_cannot_be_written_leaves_nothing(index: CatalogueIndex, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sslrec.serving.kept.write", full)
    with pytest.raises(OSError, match="No space"):
        keep_catalogue("mine", index, "digest")
    assert list(catalogues_dir().iterdir()) == []
