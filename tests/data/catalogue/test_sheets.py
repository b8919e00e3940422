import os
from pathlib import Path

import pytest

from sslrec.data.catalogue.sheets import open_sheet
from sslrec.errors import CatalogueError


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe"])
def test_what_is_no_file_is_told_by_what_it_is(kind: str, tmp_path: Path):
    path = tmp_path / "shop"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    with pytest.raises(CatalogueError, match=str(path)) as caught:
        open_sheet(path)
    assert caught.value.code == f"table_{kind}"


@pytest.mark.parametrize("head", ['<?xml version="1.0"?><rss></rss>', "\ufeff \n<html><table><tr><td>1", "<TABLE>"])
def test_a_feed_or_a_page_is_no_table_that_is_read_here(head: str):
    with pytest.raises(CatalogueError) as caught:
        open_sheet(head.encode(), "shop.xls")
    assert caught.value.code == "table_kind"


@pytest.mark.parametrize(
    ("above", "separator"),
    [("Shop export\nfrom,2024\n\n", ","), ("#INFO,Version=1.0,,\n", ","), ("Shop export\n2024-01-01\n", ";")],
)
def test_what_stands_above_the_names_is_none_of_them(above: str, separator: str):
    sheet = open_sheet((above + "sku,title,price\n1,Mug,9\n2,Cap,8\n").replace(",", separator).encode())
    assert (sheet.columns, sheet.count) == (("sku", "title", "price"), 2)
    assert [row.line for row in sheet.rows()] == [above.count("\n") + 2, above.count("\n") + 3]


def test_a_product_called_like_a_column_is_no_header():
    assert open_sheet(b"word,translation\nmug,Tasse\npicture,Bild\n").columns == ("word", "translation")
    assert open_sheet(b"id,title\n1,Name\n2,image\n").columns == ("id", "title")


def test_a_header_may_say_the_same_without_end():
    columns = open_sheet(",".join(["title", "title (2)", *["title"] * 20_000]).encode() + b"\nMug").columns
    assert len(set(columns)) == 20_002
    assert columns[:4] == ("title", "title (2)", "title (3)", "title (4)")
