import json
from collections.abc import Callable
from typing import Any

import pytest

from sslrec.data.catalogue.drafts import Draft, read_drafts
from sslrec.data.catalogue.sheets import BadRow, Sheet, SheetRow, open_sheet
from sslrec.errors import CatalogueError


def sheet(*rows: Any) -> Sheet:
    return open_sheet(
        "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows).encode(), "shop.jsonl"
    )


def drafts(*rows: Any) -> list[Draft]:
    found = sheet(*rows)
    return [draft for draft in read_drafts(found, found.guess) if isinstance(draft, Draft)]


def test_objects_become_rows_and_what_is_none_a_bad_one():
    found = sheet({"title": "Mug", "price": None}, "", "{broken", '"text"', {}, {"title": "Cap"})
    assert [row.error.code if isinstance(row, BadRow) else dict(row.cells) for row in found.rows()] == [
        {"title": "Mug"},
        "row_json",
        "row_json",
        {"title": "Cap"},
    ]
    assert [row.line for row in found.rows()] == [1, 3, 4, 6]


def test_names_that_are_tidied_still_name_their_values():
    (mug,) = drafts({" title ": "Mug", "unit\nprice": 3, "": "left"})
    assert (mug.title, mug.price) == ("Mug", 3.0)
    assert dict(mug.attributes) == {"column 3": "left"}


def test_a_name_may_come_late():
    """Where most products lack a price, the first ones may all do."""
    rows = [{"title": f"Mug {number}"} for number in range(10_001)]
    (*_, last) = drafts(*rows, {"title": "Cap", "price": 3, "image": "cap.png", "colour": "red"})
    assert (last.price, last.picture, last.attributes) == (3.0, "cap.png", (("colour", "red"),))


def test_the_rows_are_counted_as_they_are_read():
    found = sheet({"title": "Mug"}, {}, "", "{broken", {"title": None}, {"title": "Cap"})
    assert found.count == len(list(found.rows())) == 3


def test_a_line_that_is_longer_than_a_picture_is_one_bad_row(set_variables: Callable[..., None]):
    set_variables(MAX_IMAGE_BYTES=3_000)
    picture = {"title": "Cap", "image": "A" * (4_000 + (1 << 20) - 100)}
    found = sheet({"title": "Mug"}, {"title": "Hat", "image": "A" * (4_000 + (1 << 20))}, picture)
    assert [(row.line, row.error.code if isinstance(row, BadRow) else row.cells["title"]) for row in found.rows()] == [
        (1, "Mug"),
        (2, "row_long"),
        (3, "Cap"),
    ]


def test_values_that_would_fill_the_memory_are_a_bad_row(monkeypatch: pytest.MonkeyPatch):
    row = '{"title": "Cap", "x": [' + ", ".join(["{}"] * 300_000) + "]}"
    lengths: list[int] = []
    monkeypatch.setattr("json.loads", lambda text, loads=json.loads: (lengths.append(len(text)), loads(text))[1])
    assert [type(row).__name__ for row in sheet({"title": "Mug"}, row).rows()] == ["SheetRow", "BadRow"]
    assert max(lengths) < 100


def test_names_without_end_are_cut_off():
    rows = [{"title": "Mug", **{f"{number} {place}": 1 for place in range(50)}} for number in range(100)]
    assert len(open_sheet("\n".join(map(json.dumps, rows)).encode()).columns) < 1_100


def test_half_a_character_is_text_that_can_be_written():
    found = sheet('{"title": "Mug \\ud800", "\\ud800": "\\udfff x", "id": "\\ud83d\\ude00"}')
    (mug,) = drafts('{"title": "Mug \\ud800", "\\ud800": "\\udfff x", "id": "\\ud83d\\ude00"}')
    assert (mug.title, mug.item_id, mug.attributes) == ("Mug", "😀", (("?", "x"),))
    assert str(found.sample).encode()
    assert str(found.columns).encode()


def test_a_number_beyond_all_floating_point_ones_is_no_price():
    (mug,) = drafts('{"title": "Mug", "price": 1' + "0" * 400 + "}")
    assert mug.price is None
    for price in ("Infinity", "-Infinity", "NaN", "-1", "true", '"1e999"'):
        assert drafts('{"title": "Mug", "price": ' + price + "}")[0].price in (None, 1.0)


@pytest.mark.parametrize("depth", [40, 400, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"path": ', "}")])
def test_values_within_values_without_end_are_a_bad_row(depth: int, opening: str, closing: str):
    row = '{"title": "Mug", "image": ' + opening * depth + "1" + closing * depth + "}"
    found = sheet({"title": "Cap"}, row)
    assert [type(row).__name__ for row in found.rows()] == ["SheetRow", "BadRow"]


def test_values_within_values_are_looked_into_some_steps_deep():
    (mug,) = drafts({"title": "Mug", "image": [{"large": {"url": "a/mug.jpg"}}], "tags": [["red"], ["blue", ["x"]]]})
    assert mug.picture == "a/mug.jpg"
    assert dict(mug.attributes) == {"tags": "red, blue, x"}
    deep: Any = "mug.jpg"
    for _ in range(20):
        deep = [deep]
    (mug,) = drafts({"title": "Mug", "image": deep, "tags": deep})
    assert (mug.picture, mug.attributes) == (None, ())


def test_objects_are_unfolded():
    """Amazon's tables have `details` and no other description, schema.org's lists of names and values."""
    (mug,) = drafts(
        {
            "title": "Mug",
            "price": {"value": 9.5, "currency": "EUR"},
            "details": {"Brand": "Acme", "size": {"cm": 9}, "none": None},
            "more": [{"@type": "PropertyValue", "name": "Colour", "value": "red"}],
            "attributes": [{"key": "shape", "value": "round"}],
            "other": {"bytes": "AAAA", "path": "b.png"},
            "offers": [{"seller": "x"}],
        }
    )
    assert (mug.price, mug.description) == (9.5, None)
    assert mug.attributes == (
        ("details.Brand", "Acme"),
        ("details.size.cm", "9"),
        ("more.Colour", "red"),
        ("shape", "round"),
        ("offers", "x"),
    )


def test_an_object_that_says_nothing_in_its_column_becomes_attributes():
    mug, cap = drafts(
        {"name": "Mug", "price": {"from_shop": 7}, "categories": [{"id": 9, "parent": 2}, {"id": 10}]},
        {"name": {"de": "Mütze", "zh": "帽子"}, "id": {"shop": 1}, "categories": [{"id": 9}], "image": "cap.png"},
    )
    assert (mug.title, mug.price, mug.category) == ("Mug", None, None)
    assert mug.attributes == (
        ("price.from_shop", "7"),
        *(("categories.1.id", "9"), ("categories.1.parent", "2"), ("categories.2.id", "10")),
    )
    assert (cap.title, cap.category, cap.picture) == ("", None, "cap.png")
    assert dict(cap.attributes) == {"id.shop": "1", "name.de": "Mütze", "name.zh": "帽子", "categories.id": "9"}


def test_products_as_a_shops_interface_sends_them():
    mug, bag = drafts(
        {"id": 7, "name": "Mug", "price": "9.50", "categories": [{"id": 9, "name": "Kitchen", "slug": "kitchen"}]},
        {"id": 8, "name": {"en": "Bag", "zh": "包"}, "price": {"regular": 9.5, "sale": 8}},
    )
    assert (mug.title, mug.category, mug.price, mug.attributes) == ("Mug", "Kitchen", 9.5, ())
    assert (bag.title, bag.category, bag.price, bag.attributes) == ("Bag", None, 9.5, ())


def test_json_in_one_piece_is_refused():
    for data in (
        '[{"title": "Mug"}]',
        '{\n "title": "Mug"\n}',
        '{"products": [\n{"title": "Mug"},\n{"title": "Cap"}\n]}',
        '{"products": [{"title": "Mug"}, {"title": "Cap"}], "total": 2}',
        '{"id": {"0": 1, "1": 2}, "title": {"0": "Mug", "1": "Cap"}}\n',
        '{"id": {"0": 1}, "title": {"0": "Mug"}}',
        '{"0": {"id": 1, "title": "Mug"}, "1": {"id": 2, "title": "Cap"}}',
        '{"columns": ["id", "title"], "index": [0], "data": [[1, "Mug"]]}',
    ):
        with pytest.raises(CatalogueError) as caught:
            open_sheet(data.encode())
        assert caught.value.code == "table_kind"


def test_a_product_alone_may_hold_objects_and_lists():
    for alone in ({"title": {"en": "Mug"}, "price": {"amount": 3}}, {"title": "Mug", "more": [{"name": "x"}]}):
        assert [mug.title for mug in drafts(alone)] == ["Mug"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encoding_is_guessed(encoding: str):
    found = open_sheet('{"title": "红色陶瓷马克杯"}\n{"title": "蓝色帽子"}\n'.encode(encoding))
    titles = [row.cells["title"] for row in found.rows() if isinstance(row, SheetRow)]
    assert titles == ["红色陶瓷马克杯", "蓝色帽子"]
