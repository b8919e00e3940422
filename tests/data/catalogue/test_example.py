"""The example that a visitor without files can send."""

import zipfile
from io import BytesIO

from sslrec.data.catalogue.example import COLUMNS, ITEMS, PICTURES, TABLE, make_example
from sslrec.data.catalogue.sheets import BadRow
from sslrec.data.catalogue.source import Found, open_source


def test_the_example_is_read_like_anybodys_files():
    example = make_example()
    with open_source(example.table, example.pictures, name=TABLE, pictures_name=PICTURES) as source:
        assert source.sheet.columns == COLUMNS
        assert source.columns.named == {
            "item_id": "sku",
            "title": "product_title",
            "description": "desc",
            "image": "img",
            "category": "department",
            "price": "unit_price",
        }
        rows = list(source.rows())
        assert source.pictures.refused.count == 1
    found = [row for row in rows if isinstance(row, Found)]
    assert len(found) == ITEMS
    assert [row.error.code for row in rows if isinstance(row, BadRow)] == ["row_duplicate", "row_nothing"]
    assert [row.lacks.code for row in found if row.lacks] == ["picture_missing"]
    assert all(row.draft.price and row.draft.category and row.draft.attributes for row in found)


def test_the_example_is_small_and_always_the_same():
    example = make_example()
    assert len(example.table) + len(example.pictures) < 1_000_000
    assert make_example() is example
    make_example.cache_clear()
    assert make_example() == example
    with zipfile.ZipFile(BytesIO(example.pictures)) as archive:
        assert archive.testzip() is None
