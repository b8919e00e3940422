import base64
from decimal import Decimal
from types import SimpleNamespace

import pytest

from sslrec.data.catalogue import drafts
from sslrec.data.catalogue.columns import change_columns
from sslrec.data.catalogue.drafts import Draft, price_of, read_drafts
from sslrec.data.catalogue.sheets import BadRow, open_sheet


def read(text: str, **columns: str | None) -> list[Draft | BadRow]:
    sheet = open_sheet(text.encode())
    return list(read_drafts(sheet, change_columns(sheet.guess, columns)))


def test_a_row_is_a_product_with_its_fields_and_the_rest_as_attributes():
    (mug,) = read("sku,product_title,desc,img,department,cost,colour,size\nA1,Red  mug,Two,a.png,Home,$9.50,red,\n")
    assert isinstance(mug, Draft)
    assert (mug.item_id, mug.title, mug.description, mug.category) == ("A1", "Red mug", "Two", "Home")
    assert (mug.price, mug.picture, mug.attributes) == (9.5, "a.png", (("colour", "red"),))


def test_html_and_formulas_stay_the_text_that_they_are():
    (mug,) = read('title,note\n<b>Mug</b> & <script>x</script>,"=HYPERLINK(""x"")"\n')
    assert isinstance(mug, Draft)
    assert mug.title == "<b>Mug</b> & <script>x</script>"
    assert mug.attributes == (("note", '=HYPERLINK("x")'),)


def test_an_id_that_was_there_is_bad_and_the_first_one_stays():
    first, second, third = read("id,title\n1,Mug\n1,Cap\n2,Bag\n")
    assert isinstance(second, BadRow)
    assert (second.item_id, second.line, second.error.code) == ("1", 3, "row_duplicate")
    assert [one.title for one in (first, third) if isinstance(one, Draft)] == ["Mug", "Bag"]


def test_a_row_without_its_id_takes_nobody_elses():
    rows = read("id,title\n1,Mug\n,Cap\n3,Bag\n4,Hat\n")
    assert [row.item_id for row in rows] == ["1", "line-3", "3", "4"]
    assert not any(isinstance(row, BadRow) for row in rows)


def test_a_table_without_ids_counts_its_lines():
    assert [row.item_id for row in read("title\nMug\n\nCap\n")] == ["2", "4"]


def test_a_row_with_nothing_to_go_by_is_bad():
    rows = read("title,price\n,9\nMug,8\n")
    assert [row.error.code if isinstance(row, BadRow) else row.title for row in rows] == ["row_nothing", "Mug"]


def test_a_picture_may_be_within_the_cell():
    (mug, cap) = read("title,image\nMug,data:image/png;base64,AAAA\n".replace("d", '"d').replace("A\n", 'A"\n') +
                      'Cap,"data:image/png;base64,A"\n')  # fmt: skip
    assert isinstance(mug, Draft)
    assert mug.picture == b"\0\0\0"
    assert isinstance(cap, BadRow)
    assert str(cap.error) == "'3' is damaged or cut off; save or send it again."


def test_a_picture_within_the_cell_may_be_broken_into_lines():
    """As encoders of mail write it; the line ends are no part of it."""
    lines = base64.encodebytes(bytes(range(256))).decode()
    mug, cap = read(f'title,image\nMug,"data:image/png;base64,{lines}"\nCap,\n')
    assert isinstance(mug, Draft)
    assert (mug.title, mug.picture, cap.item_id) == ("Mug", bytes(range(256)), "8")
    assert drafts.picture_of({"bytes": lines.replace("\n", "\r\n")}, "1") == bytes(range(256))


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("1.jpg|2.jpg", "1.jpg"),
        ("a b.JPG; c.png", "a b.JPG"),
        ("https://x.example/1.jpg?w=3, https://x.example/2.jpg", "https://x.example/1.jpg?w=3"),
        ("https://x.example/1.jpg https://x.example/2.jpg", "https://x.example/1.jpg"),
        ("['1.jpg', '2.jpg']", "1.jpg"),
        ('["1.jpg"]', "1.jpg"),
        ("mug, red.jpg", "mug, red.jpg"),
        ("1.jpg copy.jpg", "1.jpg copy.jpg"),
        ("12.5", "12.5"),
    ],
)
def test_of_several_pictures_in_a_cell_the_first_counts(cell: str, name: str):
    assert drafts.picture_of(cell, "1") == name


def test_what_is_too_long_is_cut_off():
    long = "x" * 20_000
    (mug,) = read(f"id,title,desc,note\n{long},{long},{long},{long}\n")
    assert isinstance(mug, Draft)
    assert mug.description is not None
    assert (len(mug.item_id), len(mug.title), len(mug.description)) == (200, 1_000, 10_000)
    assert [len(value) for _, value in mug.attributes] == [1_000]


def test_a_cell_that_holds_a_whole_book_takes_no_longer_than_what_is_kept(monkeypatch: pytest.MonkeyPatch):
    looked_at = []
    monkeypatch.setattr(drafts, "_CONTROLS", SimpleNamespace(sub=lambda _, text: looked_at.append(len(text)) or text))
    book = "word " * 1_000_000
    assert drafts.text(book).startswith("word word")
    assert drafts.picture_of(book, "1").startswith("word word")
    assert max(looked_at) <= 4 * drafts.MAX_TEXT


def test_control_characters_are_left_out():
    mug, *_ = read("title\nRed\x07 mug\x1b\n" + "Cap\n" * 100)
    assert isinstance(mug, Draft)
    assert mug.title == "Red mug"


@pytest.mark.parametrize(
    ("cell", "price"),
    [
        (Decimal("12.500"), 12.5),
        (Decimal("3.999"), 3.999),
        (Decimal("NaN"), None),
        ([12.99, 24.99], 12.99),
        ([None, "", "$12"], 12.0),
        ([[1.0]], None),
        ({"amount": "12,50", "currency": "EUR"}, 12.5),
        ({"currency": "EUR"}, None),
        ({"regular": 9.5, "sale": 8}, 9.5),
        ({"sale-price": "8,50", "id": 7}, 8.5),
        ({"regular": None, "current": {"amount": 7, "currency": "EUR"}}, 7.0),
        ({"USD": 9.5}, 9.5),
        ({"id": 7}, None),
        ([], None),
        (12345678901234567890, None),  # an order's number
    ],
)
def test_a_price_may_be_a_decimal_number_or_the_first_of_several(cell, price):
    assert price_of(cell) == price


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ({"id": 7, "name": "Kitchen"}, "Kitchen"),
        ([{"id": 9, "name": "Hats", "slug": "hats"}, {"id": 10, "name": "Caps"}], "Hats, Caps"),
        ({"en": "Bag", "zh": "包"}, "Bag"),
        ({"de-DE": "Tasche", "en-US": "Bag"}, "Bag"),
        ({"de": "Tasche"}, "Tasche"),
        ({"value": 17, "label": "Shoes"}, "Shoes"),
        ({"id": 7, "slug": "kitchen"}, "kitchen"),
        ({"name": {"en": "Bag", "zh": "包"}}, "Bag"),
        ({"Title": " Red\nmug "}, "Red mug"),
        ({"de": "Tasche", "zh": "包"}, ""),
        ({"id": 7}, ""),
        ({"name": None}, ""),
        (["Home", ["Kitchen"]], "Home, Kitchen"),
        ("Home", "Home"),
        (None, ""),
    ],
)
def test_a_title_or_a_category_may_be_an_object_that_says_it(cell, said):
    assert drafts.called(cell) == said


def test_objects_within_one_another_without_end_say_nothing():
    cell = "Mug"
    for _ in range(30):
        cell = {"name": cell}
    assert drafts.called(cell) == ""
