import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from sslrec.data.catalogue import spreadsheet
from sslrec.data.catalogue.sheets import SheetRow, open_sheet
from sslrec.errors import CatalogueError
from tests.data.catalogue.samples import workbook
from tests.data.catalogue.test_archive import packed

HEADER = ("sku", "name", "price", "photo")


def replaced(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with one of its parts changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        parts = [(name, old.read(name)) for name in old.namelist()]
    return packed(*((name, change(held) if name == part else held) for name, held in parts))


def test_rows_are_products_with_their_values_and_numbers():
    data = workbook(
        HEADER,
        (1001, "Blue mug", 12.5, "a.png"),
        (None, None, None, None),
        ("00123", " 红色 杯子 ", 9, None),
        (7, "#N/A", date(2026, 3, 4), datetime(2026, 3, 4, 5, 6)),
    )
    sheet = open_sheet(data, "shop.xlsx")
    assert (sheet.kind, sheet.columns, sheet.count) == ("Excel", HEADER, 3)
    assert list(sheet.rows()) == [
        SheetRow(2, {"sku": 1001, "name": "Blue mug", "price": 12.5, "photo": "a.png"}),
        SheetRow(4, {"sku": "00123", "name": "红色 杯子", "price": 9}),
        SheetRow(5, {"sku": 7, "price": "2026-03-04", "photo": "2026-03-04 05:06:00"}),
    ]
    assert sheet.guess.title == "name"
    assert sheet.sample[0]["sku"] == "1001"


def test_numbers_are_those_that_a_person_sees():
    data = workbook(("sku", "price", "name"), (1001, 19.99, "Mug"))
    data = replaced(
        data,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"<v>1001</v>", b"<v>1001.0</v>").replace(
            b"<v>19.99</v>", b"<v>19.989999999999998</v>"
        ),
    )
    sheet = open_sheet(data, "shop.xlsx")
    assert sheet.sample == ({"sku": "1001", "price": "19.99", "name": "Mug"},)


def test_a_title_above_the_names_is_not_one_of_them():
    sheet = open_sheet(workbook(("Our shop, spring",), (), HEADER, (1, "Mug", 2, "a.png")), "shop.xlsx")
    assert sheet.columns == HEADER
    assert [row.line for row in sheet.rows()] == [4]


def test_a_table_of_one_column_has_its_name_in_the_first_row():
    sheet = open_sheet(workbook(("name",), ("Mug",), ("Cap",)), "shop.xlsx")
    assert [row.cells for row in sheet.rows() if isinstance(row, SheetRow)] == [{"name": "Mug"}, {"name": "Cap"}]


def test_the_first_sheet_that_is_shown_and_holds_anything_counts():
    def arrange(book: Workbook) -> None:
        book.worksheets[0].sheet_state = "hidden"
        book.create_sheet("Empty")
        book.create_sheet("Products").append(("name", "price"))
        book["Products"].append(("Mug", 3))

    sheet = open_sheet(workbook(("a", "b"), (1, 2), before=arrange), "shop.xlsx")
    assert sheet.columns == ("name", "price")
    assert sheet.count == 1


def test_wrong_dimensions_cut_nothing():
    data = workbook(HEADER, (1, "Mug", 2, "a.png"))
    data = replaced(data, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'ref="A1:D2"', b'ref="A1:A1"'))
    assert open_sheet(data, "shop.xlsx").count == 1
    assert open_sheet(data, "shop.xlsx").columns == HEADER


def test_what_is_missing_of_its_looks_is_nobody_s_concern(recwarn: pytest.WarningsRecorder):
    data = replaced(
        workbook(HEADER, (1, "Mug", 2, "a.png")),
        "xl/styles.xml",
        lambda xml: re.sub(rb"<cellStyles.*</cellStyles>", b"", xml),
    )
    assert open_sheet(data, "shop.xlsx").count == 1
    assert not recwarn.list


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (workbook(), "catalogue_empty"),
        (workbook(HEADER, (1, "Mug", 2, "a.png"))[:-200], "table_damaged"),
        (replaced(workbook(HEADER), "xl/workbook.xml", lambda xml: xml[:-9]), "table_damaged"),
        (replaced(workbook(HEADER), "xl/worksheets/sheet1.xml", lambda xml: xml[:-9]), "table_damaged"),
        (replaced(workbook(HEADER), "[Content_Types].xml", lambda xml: b"<Types/>"), "table_damaged"),
    ],
)
def test_what_cannot_be_read_is_one_error(data: bytes, code: str):
    with pytest.raises(CatalogueError) as caught:
        _ = open_sheet(data, "shop.xlsx").count
    assert caught.value.code == code
    assert caught.value.params["name"] == "shop.xlsx"


@pytest.mark.parametrize(
    ("part", "name", "code"),
    [
        ("a.png", "pictures.zip", "table_zip"),
        ("mimetype", "shop.ods", "table_kind"),
        ("word/xl/a", "a.zip", "table_zip"),
    ],
)
def test_another_zip_is_told_what_it_is(part: str, name: str, code: str):
    with pytest.raises(CatalogueError) as caught:
        open_sheet(packed((part, b"anything")), name)
    assert caught.value.code == code


def test_what_would_fill_the_memory_is_refused(monkeypatch):
    cells = b"<row>" + b"<c/>" * 3_000 + b"</row>"
    data = replaced(workbook(HEADER), "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"</sheetData>", cells * 40))
    monkeypatch.setattr(spreadsheet, "_TAGS", 100_000)
    with pytest.raises(CatalogueError) as caught:
        open_sheet(data, "shop.xlsx")
    assert caught.value.code == "table_cells"
    monkeypatch.setattr(spreadsheet, "_UNPACKED", 100_000)
    with pytest.raises(CatalogueError) as caught:
        open_sheet(data, "shop.xlsx")
    assert caught.value.code == "table_unpacked"
    assert "send fewer rows" in str(caught.value)


def declaring(xml: bytes, encoding: str = "utf-8", before: str = "") -> bytes:
    """A part of a workbook with a document type, which lets a short text stand for a long one."""
    head = f'<?xml version="1.0" encoding="{encoding}"?>{before}<!DOCTYPE x [<!ENTITY e "{"Mug " * 9}">]>'
    return (head + re.sub(r"<\?xml[^>]*\?>", "", xml.decode())).encode(encoding)


def moved(data: bytes) -> bytes:
    """A workbook whose sheet lies among the pictures."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    links = parts["xl/_rels/workbook.xml.rels"]
    assert b"/xl/worksheets/sheet1.xml" in links
    parts["xl/_rels/workbook.xml.rels"] = links.replace(b"/xl/worksheets/sheet1.xml", b"/xl/media/a.png")
    parts["xl/media/a.png"] = parts.pop("xl/worksheets/sheet1.xml")
    return packed(*parts.items())


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_xml_that_may_grow_is_refused(part: str, encoding: str):
    data = replaced(workbook(HEADER, (1, "Mug", 2, "a.png")), part, lambda xml: declaring(xml, encoding))
    with pytest.raises(CatalogueError) as caught:
        open_sheet(data, "shop.xlsx")
    assert caught.value.code == "table_damaged"
    assert f"{part} declares a document type" in str(caught.value)


def test_a_document_type_may_lie_across_two_blocks(monkeypatch):
    monkeypatch.setattr(spreadsheet, "_READ", 500)
    data = workbook(HEADER, (1, "Mug", 2, "a.png"))
    for ahead in range(440, 462):
        grown = replaced(data, "xl/styles.xml", lambda xml, ahead=ahead: declaring(xml, before=f"<!--{'x' * ahead}-->"))
        with pytest.raises(CatalogueError, match="document type"):
            open_sheet(grown, "shop.xlsx")


def test_a_sheet_among_the_pictures_is_looked_through_too(monkeypatch):
    data = workbook(HEADER, (1, "Mug", 2, "a.png"))
    assert open_sheet(moved(data), "shop.xlsx").count == 1
    with pytest.raises(CatalogueError, match="document type"):
        open_sheet(moved(replaced(data, "xl/worksheets/sheet1.xml", declaring)), "shop.xlsx")
    monkeypatch.setattr(spreadsheet, "_UNPACKED", 100_000)
    large = replaced(data, "xl/worksheets/sheet1.xml", lambda xml: xml + b" " * 100_000)
    with pytest.raises(CatalogueError, match="unpack"):
        open_sheet(moved(large), "shop.xlsx")


def test_what_looks_like_a_document_type_elsewhere_is_a_text_or_a_picture(monkeypatch):
    data = workbook(HEADER, (1, "<!DOCTYPE html>", 2, "a.png"))
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        parts = [(name, old.read(name)) for name in old.namelist()]
    others = [("xl/media/a.png", b"\x89PNG <!DOCTYPE" + b" " * 100_000), ("xl/vbaProject.bin", b"\xcc <!DOCTYPE html>")]
    monkeypatch.setattr(spreadsheet, "_UNPACKED", 100_000)
    assert open_sheet(packed(*parts, *others), "shop.xlsx").sample[0]["name"] == "<!DOCTYPE html>"


def test_no_more_of_a_row_is_made_than_has_a_name(monkeypatch):
    rows = [(number, "Mug", 2.5, "a.png") for number in range(100)]
    sheet = open_sheet(workbook(HEADER, *rows, (7, "Cap", *[None] * 8, "a note")), "shop.xlsx")
    made = []
    monkeypatch.setattr(spreadsheet, "_plain", lambda value: made.append(value) or value)
    assert [len(row.cells) for row in sheet.rows() if isinstance(row, SheetRow)] == [4] * 100 + [2]
    assert len(made) <= 102 * len(HEADER)


def test_a_row_that_no_sheet_can_have_is_none(monkeypatch):
    """All those before it would be made one by one."""
    monkeypatch.setattr(spreadsheet, "_LAST", 1_000)
    data = workbook(HEADER, (1, "Mug", 2, "a.png"), (2, "Cap", 2, "a.png"))
    for number, count in ((b"1000", 2), (b"1001", 1)):
        changed = replaced(
            data, "xl/worksheets/sheet1.xml", lambda xml, number=number: xml.replace(b'r="3"', b'r="' + number + b'"')
        )
        assert open_sheet(changed, "shop.xlsx").count == count


def test_a_sheet_that_names_a_title_wins_over_one_of_products_alone():
    def arrange(book: Workbook) -> None:
        book.create_sheet("Products").append(HEADER)
        book["Products"].append((1, "Mug", 2, "a.png"))

    rows = ("Product", "Price"), ("Mug", 9)
    assert open_sheet(workbook(*rows, before=arrange), "shop.xlsx").columns == HEADER
    assert open_sheet(workbook(*rows, before=lambda book: book.create_sheet("Notes").append(("a", "b")))).count == 1


def test_names_stand_in_the_row_and_in_the_sheet_that_have_a_title_or_a_picture():
    notes = ("Our shop", "spring"), ("for", "partners"), HEADER, (1, "Mug", 2, "a.png")
    assert open_sheet(workbook(*notes), "shop.xlsx").columns == HEADER

    def arrange(book: Workbook) -> None:
        book.create_sheet("Products").append(HEADER)
        book["Products"].append((1, "Mug", 2, "a.png"))

    sheet = open_sheet(workbook(("How to", "read this"), ("first", "second"), before=arrange), "shop.xlsx")
    assert (sheet.columns, sheet.count) == (HEADER, 1)


def test_of_two_rows_with_names_the_second_is_the_machines():
    people = ("Seller SKU", "Product Name", "Standard Price")
    machine = ("item_sku", "item_name", "standard_price")
    sheet = open_sheet(workbook(("TemplateType=fptcustom", "Version=1"), people, machine, ("A1", "Mug", 2)), "a.xlsx")
    assert (sheet.columns, sheet.count) == (machine, 1)


def test_a_cell_that_is_merged_over_rows_is_each_ones():
    def merge(book: Workbook) -> None:
        for cells in ("B2:B4", "A6:B6", "D2:D3", "A8:B9"):
            book.worksheets[0].merge_cells(cells)

    rows = [("Mug", "Home", 1, "x"), ("Cap", None, 2), ("Hat", None, 3), ("Bag", None, 4), ("Note",), (), ("Pan", 1)]
    sheet = open_sheet(workbook(("name", "category", "price", "note"), *rows, before=merge), "shop.xlsx")
    found = [(row.cells.get("category"), row.cells.get("note")) for row in sheet.rows() if isinstance(row, SheetRow)]
    assert found == [("Home", "x"), ("Home", "x"), ("Home", None), (None, None), (None, None), (None, None)]
