from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sslrec.data.catalogue import SCHEMA, Columns, builtin_path, load_catalogue, read_parquet
from sslrec.data.catalogue.prices import parse_price
from sslrec.errors import CatalogueError, DataError
from tests.data.catalogue.samples import ids_of, picture, row, table


def saved(path: Path, columns: dict[str, Any] | pa.Table) -> Path:
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), path)
    return path


def test_a_catalogue_file_is_read_as_it_is(tmp_path: Path):
    made = table(row(), row(item_id="a2", price=None))
    found = load_catalogue(saved(tmp_path / "mine.parquet", made))
    assert found.name == "mine"
    assert found.source == str(tmp_path / "mine.parquet")
    assert found.table.equals(made)


def test_columns_in_another_order_or_more_of_them_lose_no_attribute(tmp_path: Path):
    made = table(row(), row(item_id="a2", attributes={}))
    turned = load_catalogue(saved(tmp_path / "turned.parquet", made.select(made.schema.names[::-1])))
    assert [dict(item.attributes) for item in turned] == [{"colour": "red"}, {}]
    numbered = made.set_column(0, "item_id", pa.array([7, 8])).select(made.schema.names[::-1])
    assert ids_of(load_catalogue(saved(tmp_path / "numbered.parquet", numbered))) == ["7", "8"]
    more = made.append_column("stock", pa.array([3, 4]))
    assert [dict(item.attributes) for item in load_catalogue(saved(tmp_path / "more.parquet", more))] == [
        {"colour": "red", "stock": "3"},
        {"stock": "4"},
    ]


def changed(made: pa.Table, **columns: pa.Array) -> pa.Table:
    """The same columns in the same order, some of another type."""
    for name, values in columns.items():
        made = made.set_column(made.schema.get_field_index(name), name, values)
    return made


@pytest.mark.parametrize(
    ("column", "values", "read"),
    [
        ("item_id", pa.array([7, 8]), ["7", "8"]),
        ("item_id", pa.array([4006381333931.0, 8.0]), ["4006381333931", "8"]),  # as pandas has numbers with gaps
        ("title", pa.array([b"Red mug", b"Blue cap"]), ["Red mug", "Blue cap"]),  # as Spark and Hive have texts
        ("title", pa.array(["Red mug", "Blue cap"], pa.string_view()), ["Red mug", "Blue cap"]),
        ("description", pa.array([["Two", "parts"], None]), ["Two, parts", None]),
        ("category", pa.array(["Home", None]).dictionary_encode(), ["Home", None]),
        ("price", pa.array([7, 2**60]), [7.0, None]),
        ("price", pa.array(["$.99", "1.299,00 €"]), [0.99, 1299.0]),
        ("price", pa.array([float("inf"), -3.0]), [None, None]),
        ("price", pa.array([float("nan"), 1e13]), [None, None]),
        ("price", pa.array([12.99, None], pa.float32()), [12.99, None]),
        ("price", pa.array([{"amount": "3,50", "currency": "EUR"}, None]), [3.5, None]),
        ("attributes", pa.array([{"colour": "red", "cm": 3.0}, None]), [{"colour": "red", "cm": "3"}, {}]),
        ("attributes", pa.array([[{"key": "colour", "value": "red"}], []]), [{"colour": "red"}, {}]),  # as Polars
        ("attributes", pa.array([[("a", None), ("b", "c")], []], SCHEMA.field("attributes").type), [{"b": "c"}, {}]),
        ("attributes", pa.array([{"size": {"cm": 3}}, None]), [{"size.cm": "3"}, {}]),
        ("image", pa.array([[{"bytes": None, "path": "a"}, {"bytes": b"A", "path": "b"}], []]), [b"A", None]),
        ("image", pa.array([[b"", b"A", b"B"], None], pa.large_list(pa.large_binary())), [b"A", None]),
        ("image", pa.array([b"A", b""]), [b"A", None]),
        ("image", pa.array([[None], []]), [None, None]),
    ],
    ids=lambda given: str(given.type) if isinstance(given, pa.Array) else "",
)
def test_the_seven_columns_may_be_of_other_types(tmp_path: Path, column: str, values: pa.Array, read: list[Any]):
    made = changed(table(row(), row(item_id="a2")), **{column: values})
    for turned in (made, made.select(made.schema.names[::-1])):
        found = load_catalogue(saved(tmp_path / "mine.parquet", turned))
        assert [getattr(product, column) for product in found] == read
        assert found.product(0).item_id == ("a1" if column != "item_id" else read[0])


def test_strings_of_any_length_are_strings(tmp_path: Path):
    """Polars and pandas write Arrow's large ones."""
    made = table(row())
    large = [pa.large_string() if field.type == pa.string() else field.type for field in SCHEMA]
    wide = made.cast(pa.schema([field.with_type(kind) for field, kind in zip(SCHEMA, large, strict=True)]))
    assert load_catalogue(saved(tmp_path / "large.parquet", wide)).table.equals(made)


def test_columns_of_one_name_are_told_apart(tmp_path: Path):
    values = pa.Table.from_arrays([pa.array(["Mug"]), pa.array(["red"])], ["title", "title"])
    (mug,) = load_catalogue(saved(tmp_path / "twice.parquet", values))
    assert (mug.title, mug.attributes) == ("Mug", {"title (2)": "red"})


def test_bytes_that_are_texts_are_attributes_and_pictures_are_not(tmp_path: Path):
    columns = {"title": ["Mug"], "colour": [b"red"], "other": [picture()], "bitmap": [picture(kind="BMP")]}
    (mug,) = load_catalogue(saved(tmp_path / "hive.parquet", columns))
    assert mug.attributes == {"colour": "red"}


def test_a_column_that_is_not_there_is_named(tmp_path: Path):
    path = saved(tmp_path / "odd.parquet", {"title": ["Mug"]})
    with pytest.raises(CatalogueError, match="has no column 'nom'; choose one of: title") as caught:
        read_parquet(path, "odd", Columns(title="nom"))
    assert caught.value.code == "table_column"


@pytest.mark.parametrize("column", ["title", "description"])
def test_what_is_marked_as_text_and_is_none_is_one_error(tmp_path: Path, column: str):
    spoilt = pa.Array.from_buffers(pa.string(), 1, pa.array([b"caf\xe9"]).buffers())
    with pytest.raises(DataError) as caught:
        load_catalogue(saved(tmp_path / "spoilt.parquet", changed(table(row()), **{column: spoilt})))
    assert caught.value.code == "data_damaged"


def test_a_folder_is_a_catalogue_by_the_file_in_it(tmp_path: Path):
    folder = tmp_path / "shop"
    folder.mkdir()
    saved(folder / "catalogue.parquet", table(row()))
    assert load_catalogue(folder).name == "shop"


@pytest.mark.parametrize("given", [".", "..", "catalogue.parquet", "../catalogue.parquet"])
def test_a_catalogue_has_its_folders_name_from_inside_too(given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    inside = tmp_path / "shop" / "pictures"
    inside.mkdir(parents=True)
    saved(tmp_path / "shop" / "catalogue.parquet", table(row()))
    monkeypatch.chdir(inside if given.startswith("..") else inside.parent)
    assert load_catalogue(given).name == "shop"


def test_hugging_faces_pictures_and_names_are_understood(tmp_path: Path):
    image = [{"bytes": picture(), "path": "a.png"}, {"bytes": None, "path": "b.png"}]
    columns = {
        "image": image,
        "product_title": [" Red mug ", "Blue cap"],
        "price": ["$1,299.00", "free"],
        "size": [3, None],
        "tags": [["a"], ["b"]],
    }
    found = load_catalogue(saved(tmp_path / "hub.parquet", columns))
    first, second = found
    assert (first.item_id, second.item_id) == ("1", "2")
    assert (first.title, first.image, first.price, dict(first.attributes)) == (
        "Red mug",
        picture(),
        1299.0,
        {"size": "3"},
    )
    assert (second.title, second.image, second.price, dict(second.attributes)) == ("Blue cap", None, None, {})


def test_plain_bytes_numbers_and_ids_are_understood(tmp_path: Path):
    columns = {"id": [7, 8], "name": ["Mug", None], "pic": [b"", picture()], "cost": [2, -1]}
    found = load_catalogue(saved(tmp_path / "plain.parquet", columns))
    assert ids_of(found) == ["7", "8"]
    assert found.titles == ["Mug", ""]
    assert [product.image for product in found] == [None, picture()]
    assert [product.price for product in found] == [2.0, None]


def test_columns_can_be_named_where_the_guess_is_wrong(tmp_path: Path):
    path = saved(tmp_path / "odd.parquet", {"title": ["no"], "nom": ["Tasse"]})
    assert read_parquet(path, "odd", Columns(title="nom")).product(0).title == "Tasse"


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"foo": ["a"]}, "catalogue_guess"),
        ({"title": ["a"], "image": ["https://example.org/a.jpg"]}, "catalogue_type"),
        ({"title": pa.array([], pa.string())}, "catalogue_empty"),
        ({"id": [1, 1], "title": ["a", "b"]}, "catalogue_duplicate"),
        ({"id": [1, None], "title": ["a", "b"]}, "catalogue_value"),
        ({"title": ["a", None]}, "catalogue_row"),
    ],
)
def test_a_table_that_is_no_catalogue_is_refused(tmp_path: Path, columns: dict[str, Any], code: str):
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(saved(tmp_path / "bad.parquet", columns))
    assert caught.value.code == code


def test_a_damaged_file_says_which_it_is(tmp_path: Path):
    path = tmp_path / "cut.parquet"
    path.write_bytes(saved(tmp_path / "whole.parquet", table(row())).read_bytes()[:200])
    with pytest.raises(DataError, match=r"cut\.parquet cannot be read") as caught:
        load_catalogue(path)
    assert caught.value.code == "data_damaged"


@pytest.mark.parametrize("content", [b"id,title\n1,Mug\n", b'{"title": "Mug"}\n', b"", b"PK\3\4"])
def test_a_table_of_another_kind_is_to_be_ingested(content: bytes, tmp_path: Path):
    for path in (tmp_path / "shop.csv", tmp_path / "catalogue.parquet"):
        path.write_bytes(content)
        with pytest.raises(CatalogueError, match=r"python -m sslrec catalog ingest SRC --out DIR$") as caught:
            load_catalogue(path)
        assert caught.value.code == "catalogue_format"
        assert str(path) in str(caught.value)


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path):
    for name in ("nonsense", str(tmp_path)):
        with pytest.raises(CatalogueError, match=r"name builtin, fashion_products, a Parquet file") as caught:
            load_catalogue(name)
        assert caught.value.code == "catalogue_missing"


def test_a_lost_builtin_catalogue_says_how_to_build_it(set_variables: Callable[..., None], tmp_path: Path):
    set_variables(ASSETS=tmp_path)
    with pytest.raises(CatalogueError, match="build it with: python -m sslrec catalog build"):
        load_catalogue("builtin")


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("12", 12), ("12.5", 12.5), ("12,50", 12.5), ("$1,299.00", 1299), ("1.299,00 €", 1299), ("1 299 kr", 1299),
        ("1,299", 1299), ("CHF 1'050.-", 1050), ("free", None), ("", None), ("-3", None), ("¥1,234,567", 1234567),
        ("12.99 24.99", 12.99), ("19.99 100g", 19.99), ("2023 12.99", 2023), ("12 24", 12), ("1 299 990,50", 1299990.5),
        ("12.99, 24.99", 12.99), ("1\u202f299,00 €", 1299), ("12345678901234567890", None),

        ("$1 .99", 1.99), ("12 ,50", 12.5), ("1,299 .99", 1299.99), ("12.99 .5 kg", 12.99),

        ("$.99", 0.99), (".99 €", 0.99), ("US$ .5", 0.5), ("€ ,99", 0.99), ("(.99)", 0.99), ("2 dollars, or .5", 2),
        ("CHF .50", 0.5), ("dollars .5", 0.5), ("-.5", None),
        # The point of an abbreviation is none of the number.
        ("Rs.500", 500), ("Rs .500", 500), ("kr.99", 99), ("kr .99", 99), ("Rs. .5", 0.5),

        ("￥１，２９９．５０", 1299.5), ("۱۲۵٬۰۰۰", 125_000), ("١٢٫٥", 12.5),
    ],
)  # fmt: skip
def test_prices_are_read_as_people_write_them(text: str, price: float | None):
    assert parse_price(text) == price


@pytest.mark.skipif(not builtin_path().is_file(), reason="the built-in catalogue is not in assets")
def test_the_shipped_catalogue_loads_and_every_picture_decodes():
    found = load_catalogue("builtin")
    assert len(found) >= 1200
    assert found.shown.all()
    assert found.pictured.all()
    assert builtin_path().stat().st_size < 4_000_000
    assert found.pictures(range(0, len(found), 40), 200, 160).shape[1:] == (200, 160, 3)


def test_what_commands_a_terminal_is_no_part_of_a_text(tmp_path: Path):
    hostile = "red \x1b]0;PWNED\x07\x1b[2Jmug"
    columns = {"title": [hostile], "sku": [hostile.encode()], "description": ["one\ntwo\t\x7f"], "colour": [hostile]}
    pq.write_table(pa.table(columns), tmp_path / "shop.parquet")
    product = load_catalogue(tmp_path / "shop.parquet").product(0)
    assert product.title == product.item_id == "red ]0;PWNED[2Jmug"
    assert product.description == "one\ntwo\t"
    assert dict(product.attributes)["colour"] == "red ]0;PWNED[2Jmug"
