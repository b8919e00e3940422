import base64

import pytest

from sslrec.data.catalogue.columns import change_columns
from sslrec.data.catalogue.drafts import Draft, read_drafts
from sslrec.data.catalogue.sheets import BadRow, open_sheet
from sslrec.data.catalogue.values import picture_of


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


def test_a_text_that_excel_wrote_as_a_formula_is_that_text_in_every_cell():
    (mug,) = read('id,title,price,category,size,desc\n="00123",="Red mug",="9.5","=""Home""",="038","=""a ""A""=1"\n')
    assert isinstance(mug, Draft)
    assert (mug.item_id, mug.title, mug.price, mug.category) == ("00123", "Red mug", 9.5, "Home")
    assert (mug.attributes, mug.description) == ((("size", "038"),), '="a "A"=1')


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


def test_what_is_too_long_is_cut_off():
    long = "x" * 20_000
    (mug,) = read(f"id,title,desc,note\n{long},{long},{long},{long}\n")
    assert isinstance(mug, Draft)
    assert mug.description is not None
    assert (len(mug.item_id), len(mug.title), len(mug.description)) == (200, 1_000, 10_000)
    assert [len(value) for _, value in mug.attributes] == [1_000]


def test_control_characters_are_left_out():
    mug, *_ = read("title\nRed\x07 mug\x1b\n" + "Cap\n" * 100)
    assert isinstance(mug, Draft)
    assert mug.title == "Red mug"


def test_a_picture_within_the_cell_may_be_broken_into_lines():
    """As encoders of mail write it; the line ends are no part of it."""
    lines = base64.encodebytes(bytes(range(256))).decode()
    mug, cap = read(f'title,image\nMug,"data:image/png;base64,{lines}"\nCap,\n')
    assert isinstance(mug, Draft)
    assert (mug.title, mug.picture, cap.item_id) == ("Mug", bytes(range(256)), "8")
    assert picture_of({"bytes": lines.replace("\n", "\r\n")}, "1") == bytes(range(256))


def test_htmls_entities_stand_in_no_text_of_a_product():
    (mug,) = read("id,title,description,category,size\nA&amp;1,Men&#39;s,1 &lt; 2,R&amp;D,24&quot;\n")
    assert isinstance(mug, Draft)
    assert (mug.item_id, mug.title, mug.description, mug.category) == ("A&amp;1", "Men's", "1 < 2", "R&D")
    assert mug.attributes == (("size", '24"'),)


@pytest.mark.parametrize("said", ["N/A", "#N/A", " na ", "NaN", "nan", "null", "NULL", "None", "-", "–", "—", "--"])
def test_a_cell_that_says_there_is_nothing_is_empty(said: str):
    rows = read(f"id,title,desc,category\nA1,{said},{said},{said}\n{said},Mug,A{said},Home{said}\n")
    first, mug = rows
    assert isinstance(first, Draft)
    assert isinstance(mug, Draft)
    assert (first.title, first.description, first.category, first.attributes) == ("", None, None, ())
    kept = said.rstrip()
    assert (mug.item_id, mug.title, mug.description, mug.category) == (kept.strip(), "Mug", f"A{kept}", f"Home{kept}")


def test_a_row_whose_title_says_there_is_none_lacks_one():
    rows = read("title,price\nN/A,9\nMug,8\n")
    assert [row.error.code if isinstance(row, BadRow) else row.title for row in rows] == ["row_nothing", "Mug"]
    _, second = read("handle,title,image\nmug,Mug,a.png\nmug,null,b.png\n")
    assert isinstance(second, BadRow)
    assert second.error.code == "row_variant"


def test_an_objects_empty_words_and_nulls_are_empty():
    mug, cap = read('{"title": "Mug", "category": {"name": "N/A"}, "desc": null}\n{"title": "Cap", "category": null}\n')
    assert isinstance(mug, Draft)
    assert isinstance(cap, Draft)
    assert (mug.category, mug.description, cap.category) == (None, None, None)


def test_a_second_row_of_a_product_is_another_size_or_picture():
    rows = read("handle,title,image,option\nmug,Mug,a.png,S\nmug,,b.png,M\nmug,Mug,c.png,L\n")
    assert [row.error.code for row in rows if isinstance(row, BadRow)] == ["row_variant", "row_duplicate"]
    rows = read("id,image\n1,a.png\n1,b.png\n")
    assert [row.error.code for row in rows if isinstance(row, BadRow)] == ["row_duplicate"]


def test_a_product_whose_price_its_sizes_have():
    (mug,) = read('{"title": "Mug", "variants": [{"title": "S", "price": "8.50"}]}\n')
    assert isinstance(mug, Draft)
    assert (mug.price, mug.attributes) == (8.5, (("variants", "S"),))
