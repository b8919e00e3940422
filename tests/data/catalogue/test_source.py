from pathlib import Path

import pytest

from sslrec.data.catalogue import Columns
from sslrec.data.catalogue.sheets import BadRow
from sslrec.data.catalogue.source import Found, open_source
from sslrec.errors import CatalogueError
from tests.data.catalogue.samples import picture
from tests.data.catalogue.test_archive import packed

TABLE = b"id,title,img\n1,Mug,a.png\n2,Cap,gone.png\n3,Bag,\n4,,https://a.example/x.png\n5,Hat,https://a.example/x.png\n6,,\n"


def outcome(found: Found | BadRow) -> str | None:
    if isinstance(found, BadRow):
        return f"bad: {found.error.code}"
    return found.picture if found.lacks is None else f"lacks: {found.lacks.code}"  # type: ignore[return-value]


@pytest.mark.parametrize("kind", ["zip", "folder", "none"])
def test_every_row_says_where_its_picture_is_or_why_not(kind: str, tmp_path: Path):
    pictures = {"in/a.png": picture(), "in/3.png": picture()}
    (tmp_path / "in").mkdir()
    for name, data in pictures.items():
        (tmp_path / name).write_bytes(data)
    given = {"zip": packed(*pictures.items()), "folder": tmp_path, "none": None}[kind]
    with open_source(TABLE, given) as source:
        found = [outcome(row) for row in source.rows()]
        assert found[1:2] + found[3:] == [
            "lacks: picture_missing",
            "bad: picture_url",
            "lacks: picture_url",
            "bad: row_nothing",
        ]
        if kind == "none":
            assert found[::2][:2] == ["lacks: picture_missing", None]
        else:
            assert found[::2][:2] == ["in/a.png", "in/3.png"]
            assert source.read("in/a.png") == picture()
        assert len(list(source.rows(2))) == 2


def test_two_pictures_that_fit_and_one_that_is_refused_are_bad_rows():
    pictures = packed(("a/1.png", picture()), ("b/1.png", picture()), ("2.exe", b"MZ"), ("2b.zip", b"PK"))
    with open_source(b"id,title,img\n1,Mug,1.png\n2,Cap,2.exe\n3,Bag,2b.zip\n", pictures) as source:
        assert [outcome(row) for row in source.rows()] == [
            "bad: picture_ambiguous",
            "bad: picture_suffix",
            "bad: picture_archive",
        ]


def test_an_id_that_excel_keeps_as_a_text_is_itself_and_finds_its_picture():
    table = b'id,title,img\n="00123",Mug,\n="00124",Cap,="c.png"\n'
    with open_source(table, packed(("00123.png", picture()), ("c.png", picture()))) as source:
        rows = list(source.rows())
        assert [outcome(row) for row in rows] == ["00123.png", "c.png"]
        assert [row.draft.item_id for row in rows if isinstance(row, Found)] == ["00123", "00124"]


def test_the_first_of_several_pictures_is_told_apart_by_its_folder_too():
    table = b"id,title,img\n1,Mug,1/main.jpg 1/b.jpg\n2,Cap,2/main.jpg / 2/c.jpg\n3,Bag,3/main.jpg 3/d.jpg\n"
    pictures = packed(*((name, picture()) for name in ("1/main.jpg", "1/d.jpg", "2/c.jpg")))
    with open_source(table, pictures) as source:
        assert [outcome(row) for row in source.rows()] == [
            "1/main.jpg",
            "lacks: picture_missing",
            "lacks: picture_missing",
        ]


def test_pictures_told_apart_by_their_folders_are_nobody_elses():
    """A zip that holds one product's `main.jpg` has no picture for the others."""
    table = b"id,title,img\n1,Mug,1/main.jpg\n2,Cap,2/main.jpg\n3,Bag,photos/3/main.png\n4,Hat,img/hat.jpg\n"
    with open_source(table, packed(("2/main.jpg", picture()), ("hat.jpg", picture()))) as source:
        assert [outcome(row) for row in source.rows()] == [
            "lacks: picture_missing",
            "2/main.jpg",
            "lacks: picture_missing",
            "hat.jpg",  # folders of one's own machine are no part of the zip
        ]
    with open_source(table, packed(("7/main.jpg", picture()), ("8/main.jpg", picture()))) as source:
        assert [outcome(row) for row in source.rows()][:3] == ["lacks: picture_missing"] * 3
    with open_source(table, packed(("1/main.webp", picture()))) as source:  # saved anew in another format
        assert [outcome(row) for row in source.rows()][:2] == ["1/main.webp", "lacks: picture_missing"]


@pytest.mark.parametrize("cells", [("mugs/1.jpg", "caps/1.png"), ("img/1.jpg", "shop/img/1.jpg"), ("a/1.jpg", "1.jpg")])
def test_folders_that_tell_nothing_apart_do_not_count(cells: tuple[str, str]):
    names = dict.fromkeys(cell.rpartition("/")[2] for cell in cells)
    table = "id,title,img\n" + "".join(f"{place},Mug,{cell}\n" for place, cell in enumerate(cells))
    with open_source(table.encode(), packed(*((name, picture()) for name in names))) as source:
        assert [outcome(row) for row in source.rows()] == [cell.rpartition("/")[2] for cell in cells]


def test_a_product_with_a_title_stays_though_two_pictures_are_called_like_its_id():
    with open_source(b"id,title,img\n1,Mug,\n", packed(("a/1.jpg", picture()), ("b/1.jpg", picture()))) as source:
        assert [outcome(row) for row in source.rows()] == ["lacks: picture_ambiguous"]


@pytest.mark.parametrize("columns", [Columns(title="nonsense"), Columns(price="title")])
def test_a_mapping_of_another_table_closes_what_was_opened(columns: Columns, tmp_path: Path):
    path = tmp_path / "shop.zip"
    path.write_bytes(packed(("a.png", picture())))
    with pytest.raises(CatalogueError):
        open_source(TABLE, path, columns)  # a file left open is a warning, and here an error


@pytest.mark.parametrize(("table", "code"), [("gone.csv", "table_missing"), (".", "table_folder")])
def test_a_table_that_is_not_there_is_one_error(table: str, code: str):
    with pytest.raises(CatalogueError) as caught:
        open_source(table)
    assert caught.value.code == code


def test_a_folder_per_product_gives_every_product_a_picture_of_its_own():
    names = ("1/1.jpg", "1/2.jpg", "2/1.jpg", "3/main.jpg", "pics/00123.jpg")
    table = b'id,title\n1,Mug\n2,Cap\n3,Bag\n4,Hat\n="00123",Pen\n'
    with open_source(table, packed(*((name, picture()) for name in names))) as source:
        assert [outcome(row) for row in source.rows()] == ["1/1.jpg", "2/1.jpg", "3/main.jpg", None, "pics/00123.jpg"]


def test_folders_tell_apart_whatever_stands_after_the_names():
    table = b"id,title,img\n1,Mug,/1/main.jpg?v=1\n2,Cap,/2/main.jpg?v=2\n3,Bag,/img/a.jpg?v=1\n"
    with open_source(table, packed(("2/main.jpg", picture()), ("a.jpg", picture()))) as source:
        assert [outcome(row) for row in source.rows()] == ["lacks: picture_missing", "2/main.jpg", "a.jpg"]
