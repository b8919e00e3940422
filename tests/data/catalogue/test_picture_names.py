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


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("/img/a.jpg?v=1", "a.jpg"),
        ("img/a.JPG#top", "a.jpg"),
        ("b.jpg?v=2", "b.jpg?v=2"),  # as some programs save it
        ("c#.jpg", "c#.jpg"),
        ("gone.jpg?v=1", None),
    ],
)
def test_what_a_shop_writes_after_a_name_counts_where_a_file_is_called_so(cell: str, name: str | None):
    assert PictureNames(["a.jpg", "b.jpg", "b.jpg?v=2", "c#.jpg"]).find(cell) == name


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("1.jpg 2.jpg", "a/1.jpg"),
        ("1.jpg  2.jpg 3.jpg", "a/1.jpg"),
        ("1.jpg / 2.jpg", "a/1.jpg"),
        ("1.JPG?v=1 2.jpg?v=1", "a/1.jpg"),
        ("a/1.jpg a/2.jpg", "a/1.jpg"),
        ("img/a/1.jpg / img/a/2.jpg", "a/1.jpg"),
        ("a\\1.jpg a\\2.jpg", "a/1.jpg"),
        ("https://x.example/1.jpg 2.jpg", "a/1.jpg"),
        ("my photo.jpg 2.jpg", "my photo.jpg"),
        ("my photo.jpg", "my photo.jpg"),
        ("img/1.jpg copy.jpg", "1.jpg copy.jpg"),
        ("1.jpg copy", "1.jpg copy.jpg"),
        ("red / blue.jpg", "red / blue.jpg"),
        ("C:\\my.png files\\2.jpg", "a/2.jpg"),
        ("b.gif x/c.jpg", "b.gif x/c.jpg"),
        ("9.jpg 8.jpg", None),
    ],
)
def test_of_names_with_blanks_between_them_the_first_is_meant_unless_they_are_one(cell: str, name: str | None):
    names = ["a/1.jpg", "a/2.jpg", "my photo.jpg", "1.jpg copy.jpg", "red / blue.jpg", "b.gif x/c.jpg", "b.gif"]
    assert PictureNames(names).find(cell) == name


OWN = {
    "plain": ("A1", ["x/A1.jpg", "A1/main.jpg", "A1_1.jpg"], "x/A1.jpg"),
    "a folder of its own": ("A1", ["shop/A1/10.jpg", "shop/A1/2.jpg", "shop/A1/notes.txt"], "shop/A1/2.jpg"),
    "no picture in it": ("A1", ["A1/notes.txt"], None),
    "numbered": ("A1", ["A1_10.jpg", "x/a1-2.png", "A1_3.jpg", "A12_1.jpg", "A1_front.jpg"], "x/a1-2.png"),
    "one's own number": ("A2", ["A2_1.jpg", "A2_2.jpg"], "A2_2.jpg"),  # A2_1 is another product
    "another's folder": ("A3", ["A1/A3.jpg", "A1/A3_1.jpg"], None),
    "its own folder": ("A1", ["A1/A1.jpg", "x/A1.jpg"], "A1/A1.jpg"),
    "as Excel writes it": ('="00123"', ["00123.jpg"], "00123.jpg"),
    "with a suffix": ("12.5", ["12.5"], "12.5"),
    "a path": ("x/A1", ["x/A1.jpg"], "x/A1.jpg"),
    "nothing": (".", ["A1.jpg"], None),
}


@pytest.mark.parametrize("case", OWN)
def test_a_product_whose_row_names_no_picture(case: str):
    item_id, names, wanted = OWN[case]
    assert PictureNames(names).find_own(item_id, {"a1", "a2", "a3", "a2_1"}.__contains__) == wanted


def test_several_that_are_called_like_an_id():
    with pytest.raises(CatalogueError, match="Several pictures are called 'A1'"):
        PictureNames(["x/A1.jpg", "y/A1.jpg"]).find_own("A1", {"A1"}.__contains__)
    assert PictureNames(["x/A1.jpg", "y/A1.jpg", "A1/main.jpg"]).find_own("A1", {"A1"}.__contains__) == "A1/main.jpg"


def test_many_folders_with_numbered_pictures_are_searched_fast():
    names = [f"{folder}/{number}.jpg" for folder in range(5_000) for number in range(10)]
    found = PictureNames(names)
    ids = {str(folder) for folder in range(5_000)}
    assert [found.find_own(str(folder), ids.__contains__) for folder in range(10, 5_000)] == [
        f"{folder}/0.jpg" for folder in range(10, 5_000)
    ]


def test_an_id_that_a_program_wrote_as_a_float_finds_its_picture():
    names = PictureNames(["1000.jpg", "1001_1.jpg", "1002.0.jpg", "1002.jpg", "1003.jpg"])
    wanted = ["1000.jpg", "1001_1.jpg", "1002.0.jpg", None]
    assert [names.find_own(f"{number}.0", lambda name: False) for number in (1000, 1001, 1002, 1009)] == wanted
    assert names.find_own("1003.0", lambda name: name == "1003") is None
    assert names.find_own("1000.5", lambda name: False) is None
