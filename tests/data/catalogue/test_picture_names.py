import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sslrec.data.catalogue.picture_names import PictureNames
from sslrec.errors import CatalogueError

NAMES = ("shop/pictures/123.jpg", "shop/other/7.png", "shop/extra/7.jpg", "12.5", "红.webp", "my pic.gif")


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("shop/pictures/123.jpg", "shop/pictures/123.jpg"),
        ("pictures/123.jpg", "shop/pictures/123.jpg"),
        ("images/123.jpg", "shop/pictures/123.jpg"),
        ("C:\\Users\\me\\pictures\\123.JPG", "shop/pictures/123.jpg"),
        ("./123", "shop/pictures/123.jpg"),
        ("123.png", "shop/pictures/123.jpg"),
        ("../../123.jpg", "shop/pictures/123.jpg"),
        ("7.png", "shop/other/7.png"),
        ("extra/7", "shop/extra/7.jpg"),
        ("none/7", None),  # two are called 7, and neither ends so
        ("12.5", "12.5"),
        ("红.webp", "红.webp"),
        ("https://a.example/x/my%20pic.gif?w=100#top", "my pic.gif"),
        ("//cdn.example/123.jpg", "shop/pictures/123.jpg"),
        ("12", None),
        ("", None),
        ("/", None),
        ("https://a.example/", None),
    ],
)
def test_a_cell_means_a_picture(reference: str, name: str | None):
    names = PictureNames(NAMES)
    if reference == "none/7":
        with pytest.raises(CatalogueError, match="Several pictures are called 'none/7'"):
            names.find(reference)
    else:
        assert names.find(reference) == name


@given(st.lists(st.text("ab./\\C:%?#é", min_size=1, max_size=12), unique=True), st.text(max_size=20))
def test_any_reference_finds_one_of_the_names_or_nothing(names: list[str], reference: str):
    found = PictureNames(names)
    for asked in (reference, *names):
        with suppress(CatalogueError):
            assert found.find(asked) in {*names, None}


@given(st.lists(st.from_regex(r"[a-z]{1,3}/[a-z0-9]{1,4}\.(jpg|png)", fullmatch=True), unique=True, min_size=1))
def test_a_path_always_finds_itself(names: list[str]):
    found = PictureNames(names)
    assert [found.find(name) for name in names] == names


@pytest.mark.parametrize("reference", ["http://[", "//[x]y/1.png", "http://[::1/1.png", "https://a.example?x=/1.png"])
def test_an_address_that_is_none_finds_nothing_or_its_last_part(reference: str):
    assert PictureNames(["1.png"]).find(reference) in (None, "1.png")


def test_accents_are_the_same_however_they_are_written():
    names = PictureNames([unicodedata.normalize("NFD", "é.png"), unicodedata.normalize("NFC", "ü.png")])
    assert names.find("\u00e9.png") == "e\u0301.png"
    assert names.find("u\u0308.png") == "\u00fc.png"


def test_many_folders_may_hold_a_picture_of_the_same_name():
    names = [f"shop/{number}/main.jpg" for number in range(20_000)]
    found = PictureNames(names)
    assert [found.find(f"{number}/main.jpg") for number in range(20_000)] == names
    with pytest.raises(CatalogueError, match="Several pictures"):
        found.find("main.jpg")


def test_the_longer_end_of_a_path_wins():
    names = PictureNames(["1/main.jpg", "main.jpg"])
    assert names.find("images/1/main.jpg") == "1/main.jpg"
    assert names.find("images/2/main.jpg") == "main.jpg"


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("pictures/123.jpg", "shop/pictures/123.jpg"),
        ("C:\\shop\\pictures\\123.jpg", "shop/pictures/123.jpg"),
        ("images/123.jpg", None),
        ("shop/12.5", None),
        ("123", "shop/pictures/123.jpg"),
    ],
)
def test_a_folder_can_be_insisted_on(reference: str, name: str | None):
    assert PictureNames(NAMES).find(reference, exact=True) == name
