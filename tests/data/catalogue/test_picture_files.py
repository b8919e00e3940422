import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sslrec.data.catalogue.picture_files import PictureFolder, find_picture, is_noise, open_pictures
from sslrec.errors import CatalogueError, ImageError
from tests.data.catalogue.samples import picture


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pictures"
    (made / "in").mkdir(parents=True)
    (made / "a.png").write_bytes(picture())
    (made / "in" / "b.JPG").write_bytes(picture(kind="JPEG"))
    (made / "notes.txt").write_text("no picture")
    (tmp_path / "secret.png").write_bytes(b"secret")
    (made / "link.png").symlink_to(tmp_path / "secret.png")
    (made / ".hidden.png").write_bytes(b"x")
    return made


def test_pictures_are_found_in_a_folder_and_in_those_within(folder: Path):
    found = open_pictures(folder)
    assert found.read(found.find("b")) == picture(kind="JPEG")
    assert found.find("a.PNG") == "a.png"
    assert found.find("hidden") is None
    assert {one.name: one.error.code for one in found.refused.first} == {
        "link.png": "picture_link",
        "notes.txt": "picture_suffix",
    }


def test_a_reference_leads_nowhere_else(folder: Path):
    found = PictureFolder(folder)
    for reference in ("../secret.png", "secret.png", "link.png", str(folder.parent / "secret.png")):
        assert found.find(reference) is None


def test_a_file_that_became_a_link_is_not_read(folder: Path):
    found = PictureFolder(folder)
    (folder / "a.png").unlink()
    (folder / "a.png").symlink_to(folder.parent / "secret.png")
    with pytest.raises(CatalogueError) as caught:
        found.read("a.png")
    assert caught.value.code == "image_unreadable"


def test_a_picture_of_a_folder_that_cannot_be_opened_was_never_packed(folder: Path):
    found = PictureFolder(folder)
    (folder / "a.png").unlink()
    with pytest.raises(CatalogueError) as caught:
        found.read("a.png")
    assert str(caught.value).startswith("'a.png' cannot be read (No such file or directory); check its permissions")


@pytest.mark.parametrize(
    ("name", "noise"),
    [
        *(("./a.jpg", False), ("./pics/a.jpg", False), ("pics/./a.jpg", False), ("../a.jpg", False)),
        *((".a.jpg", True), ("./.a.jpg", True), (".pics/a.jpg", True), ("...jpg", True)),
    ],
)
def test_a_folder_of_one_or_two_dots_hides_nothing(name: str, noise: bool):
    assert is_noise(name) is noise


def test_limits(folder: Path, set_variables: Callable[..., None]):
    set_variables(MAX_IMAGE_BYTES=10)
    with pytest.raises(ImageError):
        PictureFolder(folder).read("a.png")
    set_variables(MAX_ARCHIVE_ENTRIES=2)
    with pytest.raises(CatalogueError) as caught:
        PictureFolder(folder)
    assert caught.value.code == "archive_entries"


@pytest.mark.parametrize(
    ("reference", "own_id", "wanted"),
    [
        ("a.png", "b", "a.png"),
        (None, "b", "in/b.JPG"),
        (None, None, None),
        (None, "c", None),
        ("https://shop.example/img/b.jpg?size=2", None, "in/b.JPG"),  # not fetched: it lies here
        ("https://shop.example/c.jpg", "a", "picture_url"),
        ("c.jpg", "a", "picture_missing"),
    ],
)
def test_a_products_picture(folder: Path, reference: str | None, own_id: str | None, wanted: str | None):
    try:
        found = find_picture(PictureFolder(folder), reference, own_id)
    except CatalogueError as error:
        found = error.code
    assert found == wanted


def test_without_pictures_a_name_is_missing_and_an_id_is_not():
    assert find_picture(None, None, "a") is None
    with pytest.raises(CatalogueError, match="is not among those sent"):
        find_picture(None, "a.png", "a")


def test_a_folder_that_is_not_there(tmp_path: Path):
    with pytest.raises(CatalogueError) as caught:
        open_pictures(tmp_path / "gone")
    assert caught.value.code == "table_missing"


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="file names are text there")
def test_a_name_that_is_no_text_can_be_told_and_its_picture_read(folder: Path):
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.png")).write_bytes(picture((1, 2, 3)))
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.txt")).write_bytes(b"x")
    found = PictureFolder(folder)
    assert found.read(found.find("caf?")) == picture((1, 2, 3))
    for one in found.refused.first:
        assert str(one.error).encode()


def test_what_is_no_zip_is_told_by_its_name(tmp_path: Path):
    (tmp_path / "shop.zip").write_bytes(b"text")
    for data, name, told in (
        (b"text", None, "the archive"),
        (b"text", "my.zip", "my.zip"),
        (tmp_path / "shop.zip", None, "shop.zip"),
    ):
        with pytest.raises(CatalogueError, match=f"^'{told}' cannot be read as a zip"):
            open_pictures(data, name)
