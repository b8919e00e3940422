from types import SimpleNamespace

import pytest

from sslrec.data.catalogue.sheets import BadRow, SheetRow, open_sheet
from sslrec.errors import CatalogueError

TABLE = "id,title,price\n1,Red mug,9\n2,Blue cap,8\n"
CHINESE = "编号,商品名称,价格\n1,红色陶瓷马克杯,59\n2,蓝色棒球帽,89\n"


def cells(text: str | bytes, **options: str | None) -> list[dict[str, str]]:
    data = text if isinstance(text, bytes) else text.encode()
    return [dict(row.cells) for row in open_sheet(data, "shop.csv", **options).rows() if isinstance(row, SheetRow)]


def bad(text: str) -> list[tuple[int, str]]:
    return [(row.line, row.error.code) for row in open_sheet(text.encode()).rows() if isinstance(row, BadRow)]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_guessed(separator: str):
    assert cells(TABLE.replace(",", separator))[1] == {"id": "2", "title": "Blue cap", "price": "8"}


def test_the_separator_is_the_one_whose_header_makes_sense():
    text = 'title;description;price\nMug, red;"A, b; c";9,50\nCap, blue, small;x, y, z;8,00\n'
    assert cells(text)[0] == {"title": "Mug, red", "description": "A, b; c", "price": "9,50"}


def test_excels_own_first_line_declares_the_separator():
    sheet = open_sheet(b"sep=;\r\nid;title\r\n1;Mug\r\n")
    assert [(row.line, dict(row.cells)) for row in sheet.rows() if isinstance(row, SheetRow)] == [
        (3, {"id": "1", "title": "Mug"})
    ]
    assert sheet.count == 1


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (TABLE, "utf-8"),
        (TABLE, "utf-8-sig"),
        (CHINESE, "utf-8"),
        (CHINESE, "utf-8-sig"),
        (CHINESE, "gbk"),
        (CHINESE, "gb18030"),
        (CHINESE, "utf-16"),
        (TABLE, "utf-16-le"),
        (TABLE, "utf-32"),
        ("id,title\n1,Écharpe à carreaux\n2,Café crème\n", "latin-1"),
        ("id,title\n1,Straße – 5 €\n2,Blaue Mütze\n", "cp1252"),
        ("Artikelnr;Titel;Größe;Preis\n1;Red T-Shirt;Größe M;12,99 EUR\n", "cp1252"),
        ("id,title\n1,Robe créée main\n", "latin-1"),
        ("id,title\n1,Robe brodée ou créé\n2,MODÈLE CRÉÉ\n", "latin-1"),
        ("id,title\n1,MODELE CRÉÉ\n", "latin-1"),
        ("id,nome,descrição\n1,Promoção,Decoração e iluminação\n", "latin-1"),
        ("id,title\n1,Jääkaappi\n2,Hyvää yötä\n", "latin-1"),
        ("id,title\n1,L’été à l’École\n2,“Étoile”\n", "cp1252"),
        *((f"id,title\n1,{title}\n2,Mug\n", "gbk") for title in ("T恤", "A款", "红色", "瑜伽", "宝宝", "茶", "T恤L码")),
        ("名称,price\nMug,9\n", "gbk"),
        *((f"id,title\n1,Steel ruler {size} cm\n2,Mug\n", "gbk") for size in ("10×20", "20℃", "Φ20", "≥5")),
        ("id,title\n1,¡Él! ¿Qué?\n2,Precio: 5 £\n", "latin-1"),
        ("id,title\n1,Mug（red），big\n", "gbk"),
        ("id,title\n1,a，b\n2,行\n", "gbk"),
        ("id,title\n1,¡¡Oferta!!\n2,¡Última!\n", "latin-1"),
        *(
            (f"id,title\n1,{title}\n2,Mug\n", "cp932")
            for title in ("赤いワンピース", "メンズ", "ください", "T-シャツ 白")
        ),
        ("商品番号,商品名,価格\n1,赤いワンピース,5\n2,ﾊﾟﾝﾂ メンズ,9\n", "cp932"),
        ("id,title\n1,红色T恤男\n2,A款B\n3,iPhone壳Pro\n", "gbk"),
    ],
)
def test_the_encoding_is_guessed(text: str, encoding: str):
    assert cells(text.encode(encoding)) == cells(text)


def test_the_encoding_can_be_named():
    data = "id,title\n1,Ж\n".encode("cp1251")
    assert cells(data, encoding="cp1251") == [{"id": "1", "title": "Ж"}]


@pytest.mark.parametrize("encoding", [None, "utf-8", "UTF8", "utf-8-sig"])
def test_a_mark_before_the_first_name_is_no_part_of_it(encoding: str | None):
    data = '"title, long",id\n"Red, mug",1\n'.encode("utf-8-sig")
    assert cells(data, encoding=encoding) == [{"title, long": "Red, mug", "id": "1"}]


@pytest.mark.parametrize("encoding", ["nonsense", "hex", "rot13", "utf-8\0", "undefined", "ascii"])
def test_an_encoding_that_does_not_fit_is_one_error(encoding: str):
    with pytest.raises(CatalogueError) as caught:
        cells(CHINESE, encoding=encoding)
    assert caught.value.code == "table_encoding"


def test_quotes_hold_separators_line_ends_and_quotes():
    text = 'id,title,description\n1,"Mug, ""large""","Two\nlines"\n2,Cap,\n'
    assert cells(text) == [
        {"id": "1", "title": 'Mug, "large"', "description": "Two\nlines"},
        {"id": "2", "title": "Cap"},
    ]
    assert [row.line for row in open_sheet(text.encode()).rows()] == [2, 4]


def test_quotes_may_be_escaped_by_a_backslash():
    assert cells('id,title\n1,"Mug, \\"large\\""\n2,Cap\n')[0]["title"] == 'Mug, "large"'


def test_a_backslash_at_the_end_of_a_cell_escapes_no_quote():
    text = 'id,title,image\n1,"Mug","C:\\pics\\"\n2,Cap,b\n3,"Hat, red, c"\n4,"Bag",x,y\n5,"Tie",x,y\n6,Cup,c\n'
    assert bad(text) == [(5, "row_cells"), (6, "row_cells")]
    assert [row["title"] for row in cells(text)] == ["Mug", "Cap", "Hat, red, c", "Cup"]
    assert cells(text)[0]["image"] == "C:\\pics\\"


def test_where_quotes_are_escaped_other_backslashes_stay():
    text = 'id,title,image\n1,"Mug, \\"C:\\x\\"",C:\\pics\\a.jpg\n2,"Two \\\\ one",C:\\new\\\n3,"a ""b"" c",d\n'
    assert bad(text) == []
    assert cells(text) == [
        {"id": "1", "title": 'Mug, "C:\\x"', "image": "C:\\pics\\a.jpg"},
        {"id": "2", "title": "Two \\ one", "image": "C:\\new\\"},
        {"id": "3", "title": 'a "b" c', "image": "d"},
    ]


def test_a_quote_within_no_quotes_may_be_escaped_too():
    found = cells('id,title,price\r\n1,24\\" monitor,5\r\n2,mug,6\r\n')
    assert [row["title"] for row in found] == ['24" monitor', "mug"]


def test_quotes_may_be_escaped_late_in_the_file(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sslrec.data.catalogue.delimited._BLOCK", 500)
    rows = "1,Red mug\n" * 8_000
    for ahead in range(0, 500, 100):
        text = f'id,title\n{"x" * ahead}{rows}a,"Mug 5\\" high"\nb,Cap\n'
        assert [row["title"] for row in cells(text)[-2:]] == ['Mug 5" high', "Cap"]


@pytest.mark.parametrize("block", [2, 3, 5])
def test_what_is_looked_for_may_lie_across_two_blocks(monkeypatch: pytest.MonkeyPatch, block: int):
    monkeypatch.setattr("sslrec.data.catalogue.delimited._BLOCK", block)
    for ahead in range(block):
        assert cells(f'id,title\n{"x" * ahead}1,"Mug 5\\" high"\n')[0]["title"] == 'Mug 5" high'


def test_lines_within_an_escaped_quote_speak_for_it():
    """Each could be a row of its own."""
    text = 'id,title\n1,"A \\"mug\\",\nred, blue\nlarge, small\nof clay"\n2,Cap\n'
    assert [row["id"] for row in cells(text)] == ["1", "2"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_is_one(end: str):
    assert len(cells(TABLE.replace("\n", end))) == 2


def test_empty_rows_are_none_and_keep_the_numbers_of_the_others_right():
    text = "\n\nid,title\n\n1,Mug\n,,\n   \n2,Cap\n\n"
    sheet = open_sheet(text.encode())
    assert [row.line for row in sheet.rows()] == [5, 8]
    assert sheet.count == 2


def test_a_row_with_too_many_cells_is_bad_and_one_with_too_few_lacks_values():
    assert bad("id,title\n1,Mug,red\n2,Cap,\n3\n") == [(2, "row_cells")]
    assert cells("id,title\n1,Mug,red\n2,Cap,\n3\n") == [{"id": "2", "title": "Cap"}, {"id": "3"}]


def test_a_quote_that_is_never_closed_is_a_bad_row_with_its_line():
    text = "id,title\n1,Mug\n2," + '"' + "Cap\n" * 100_000 + "9,Bag\n"
    found = bad(text)
    assert found == [(3, "row_quote")]
    assert len(cells(text)) == 100_001
    assert cells(text)[-1] == {"id": "9", "title": "Bag"}


def test_a_quote_that_swallows_the_rest_of_the_file_is_a_bad_row():
    text = 'id,title\n1,Mug\n2,"Cap\n3,Bag\n4,Hat\n'
    assert bad(text) == [(3, "row_quote")]
    assert [row["title"] for row in cells(text)] == ["Mug", "Bag", "Hat"]
    assert cells('id,title\n1,Mug 15"\n2,"Cap\nand"') == [
        {"id": "1", "title": 'Mug 15"'},
        {"id": "2", "title": "Cap\nand"},
    ]


@pytest.mark.parametrize("title", ['A 12" pan', '"Fine" pan', 'A 12"', 'A 12" "pan"', '"A, pan"', '"A ""pan"""'])
@pytest.mark.parametrize("separator", [",", "\t"])
def test_a_stray_quote_costs_its_own_line_alone(title: str, separator: str):
    rows = ["id,title,price", "1,Red mug,3", '2,"Great mug,4', "3,Mug 3,5", "4,Mug 4,6", "5,@,9", "6,Last,2"]
    text = "\n".join(rows).replace(",", separator).replace("@", title)
    assert bad(text) == [(3, "row_quote")]
    assert [(row["id"], row["price"]) for row in cells(text)] == [
        ("1", "3"),
        ("3", "5"),
        ("4", "6"),
        ("5", "9"),
        ("6", "2"),
    ]
    assert open_sheet(text.encode()).count == 6


def test_a_stray_quote_far_from_the_next_one_costs_its_own_line_alone():
    rows = [f"{number},Mug {number},{number}\n" for number in range(9_000)]
    rows[5] = '5,"Great mug,5\n'
    text = "id,title,price\n" + "".join(rows)
    assert bad(text) == [(7, "row_quote")]
    assert [row["id"] for row in cells(text)] == [str(number) for number in range(9_000) if number != 5]
    assert open_sheet(text.encode()).count == 9_000


def test_texts_of_several_lines_are_no_stray_quotes():
    text = (
        'id,title,description,price\n1,Mug,"Sizes, colours:\n2, red\n3, ""blue""\n" ,5\n'
        '2,"A\nB","38, blue\n39, red",6\n'
        '3,"Hat" red,"one\ntwo",7\n'
    )
    assert bad(text) == []
    assert [row["price"] for row in cells(text)] == ["5", "6", "7"]
    assert cells(text)[0]["description"].strip() == 'Sizes, colours:\n2, red\n3, "blue"'
    assert cells(text)[2]["title"] == "Hat red"
    assert open_sheet(text.encode()).count == 3


def test_stray_quotes_without_end_are_read_in_time(monkeypatch: pytest.MonkeyPatch):
    """Each opens a quote again, so that all would be read again for each of them."""
    monkeypatch.setattr("sslrec.data.catalogue.text_lines._SPANNED", 1_000)
    taken: list[str] = []
    monkeypatch.setattr("sslrec.data.catalogue.text_lines._BASE64", SimpleNamespace(fullmatch=taken.append))
    text = "id,title\n" + 'a","\n' * 10_000
    assert {code for _, code in bad(text)} == {"row_quote"}
    assert len(taken) < 10 * 10_000


def test_a_quote_that_the_header_opens_is_one_error():
    with pytest.raises(CatalogueError) as caught:
        cells('id,"title,price\n1,Mug,3\n2,Cap,4\n')
    assert str(caught.value).startswith("In line 1 a quote is opened")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_without_quotes_a_backslash_may_stand_before_a_separator(separator: str):
    text = "id,title,image\n1,Red\\, blue mug,C:\\pics\\a.jpg\n2,Cap,b\n".replace(",", separator)
    assert [(row["title"], row["image"]) for row in cells(text)] == [
        (f"Red{separator} blue mug", "C:\\pics\\a.jpg"),
        ("Cap", "b"),
    ]


def test_a_backslash_at_the_end_of_a_cell_without_quotes_is_text():
    text = "id,folder,title\n1,C:\\pics\\,Mug\n2,C:\\,Cap\n"
    assert cells(text)[0] == {"id": "1", "folder": "C:\\pics\\", "title": "Mug"}


def test_a_cell_may_hold_a_whole_picture():
    text = f'id,title,image\n1,Mug,"data:image/png;base64,{"A" * 400_000}"\n2,Cap,\n'
    assert [len(row.get("image", "")) for row in cells(text)] == [400_022, 0]


def test_pictures_between_texts_of_several_lines_are_no_unclosed_quote():
    picture = f'"data:image/png;base64,{"A" * 120_000}"'
    text = f'id,title,image,other,description\n1,"a\nb",{picture},{picture},"c\nd"\n2,Cap,,,\n'
    assert bad(text) == []
    assert [row["title"] for row in cells(text)] == ["a\nb", "Cap"]


def test_a_picture_broken_into_lines_is_no_unclosed_quote():
    lines = "\r\n".join(["A" * 76] * 5_000)
    text = f'id,title,image\r\n1,Mug,"data:image/png;base64,{lines}\r\nAA=="\r\n2,Cap,\r\n'
    assert bad(text) == []
    assert [row["title"] for row in cells(text)] == ["Mug", "Cap"]


def test_a_line_without_an_end_is_one_bad_row(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sslrec.data.catalogue.text_lines.LONGEST", 1000)
    text = f"id,title\n1,{'x,' * 2000}\n2,Cap\n3,Bag,red\n"
    assert bad(text) == [(2, "row_long"), (4, "row_cells")]
    assert cells(text) == [{"id": "2", "title": "Cap"}]


def test_a_spoilt_character_spoils_nothing_else():
    """A program that counts bytes cuts a text in the midst of a character."""
    rows = "".join(f"{number},été 红色马克杯\n" for number in range(20))
    for name in (None, "utf-8"):
        found = cells(f"id,title\n{rows}".encode() + b"20,caf\xe9\n", encoding=name)
        assert [row["title"] for row in found[::10]] == ["été 红色马克杯", "été 红色马克杯", "caf\ufffd"]


def test_columns_without_a_name_or_with_the_same_get_one():
    assert open_sheet(b"title,,title, \xef\xbb\xbf\n1,2,3,4\n").columns == (
        "title",
        "column 2",
        "title (2)",
        "column 4",
    )


def test_names_that_excel_keeps_as_texts_are_names():
    assert open_sheet(b'="sku",="title"\n="001",="Mug"\n').columns == ("sku", "title")


def test_what_a_person_sees_first_is_the_first_rows_shortened():
    sheet = open_sheet(("id,title\n" + "".join(f"{n},{'x' * 300}\n" for n in range(9))).encode())
    assert len(sheet.sample) == 5
    assert sheet.sample[0] == {"id": "0", "title": "x" * 199 + "…"}
    assert sheet.guess.named == {"item_id": "id", "title": "title"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "catalogue_empty"),
        (b" \n\n", "catalogue_empty"),
        (bytes(range(256)) * 4, "table_kind"),
        (b"PK\3\4rest of an archive", "table_zip"),
        (b"\x1f\x8bpacked", "table_kind"),
        (b'[{"title": "Mug"}]', "table_kind"),
        (b'\xef\xbb\xbf\n[\n{"title": "Mug"}]', "table_kind"),
    ],
)
def test_what_is_no_table_is_one_error(data: bytes, code: str):
    with pytest.raises(CatalogueError) as caught:
        cells(data)
    assert caught.value.code == code
