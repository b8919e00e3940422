import dataclasses

import numpy as np
import pyarrow as pa
import pytest

from sslrec.data.catalogue import SCHEMA, Catalogue, Product, is_held_out, validate
from sslrec.errors import CatalogueError, ImageError
from tests.data.catalogue.samples import picture, row, table


@pytest.fixture
def three() -> Catalogue:
    rows = (
        row(),
        row(item_id="a2", title="", category="Innerwear", price=None, attributes=[]),
        row(item_id="a3", title="Blue cap", description=None, image=None, category=None),
    )
    return Catalogue("three", "memory", table(*rows), frozenset({"Innerwear"}))


def test_a_product_is_its_row(three: Catalogue):
    assert len(three) == 3
    assert three.product(0) == Product("a1", "Red mug", "A mug.", picture(), "Home", 9.5, {"colour": "red"})
    assert three.product(1).price is None
    assert three.product(1).attributes == {}
    assert three.product(2).image is None
    assert [product.item_id for product in three] == ["a1", "a2", "a3"]


@pytest.mark.parametrize("index", [-1, 3])
def test_a_row_that_is_not_there_is_an_index_error(three: Catalogue, index: int):
    with pytest.raises(IndexError, match="3 products"):
        three.product(index)


def test_products_and_catalogues_cannot_be_changed(three: Catalogue):
    with pytest.raises(dataclasses.FrozenInstanceError):
        three.name = "other"  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(dataclasses.FrozenInstanceError):
        three.product(0).title = "other"  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(TypeError):
        three.product(0).attributes["colour"] = "blue"  # pyright: ignore[reportIndexIssue]


def test_columns_come_as_lists_and_arrays(three: Catalogue):
    assert three.titles == ["Red mug", "", "Blue cap"]
    assert three.categories == ["Home", "Innerwear", None]
    np.testing.assert_array_equal(three.prices, [9.5, np.nan, 9.5])
    np.testing.assert_array_equal(three.pictured, [True, True, False])
    np.testing.assert_array_equal(three.held_out, [is_held_out(title) for title in three.titles])


def test_hidden_categories_are_not_shown_and_no_category_is(three: Catalogue):
    np.testing.assert_array_equal(three.shown, [True, False, True])


def test_an_id_finds_its_row(three: Catalogue):
    assert three.index_of("a3") == 2
    assert three.index_of("a9") is None


def test_pictures_come_in_the_size_that_is_asked_for(three: Catalogue):
    frames = three.pictures(np.array([1, 0]), 10, 20)
    assert frames.shape == (2, 10, 20, 3)
    assert frames.dtype == np.uint8
    np.testing.assert_array_equal(frames[0], three.picture(1, 10, 20))


def test_a_missing_picture_and_a_broken_one_are_told_apart(three: Catalogue):
    with pytest.raises(CatalogueError, match=r"'a3' of the catalogue 'three' has no picture; ") as caught:
        three.picture(2, 8, 8)
    assert caught.value.code == "catalogue_picture"
    broken = Catalogue("broken", "memory", table(row(image=b"not a picture"), row(item_id="b", image=picture()[:40])))
    for index, code in ((0, "image_format"), (1, "image_truncated")):
        with pytest.raises(ImageError) as failed:
            broken.picture(index, 8, 8)
        assert failed.value.code == code


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (table(row()).drop_columns(["price", "image"]), "catalogue_columns"),
        (table(row()).set_column(5, "price", pa.array(["9.50"])), "catalogue_type"),
        (table(row()).set_column(3, "image", pa.array(["a.jpg"])), "catalogue_type"),
        (table(), "catalogue_empty"),
        (table(row(), row()), "catalogue_duplicate"),
        (table(row(), row(item_id="b", title="  ", image=None)), "catalogue_row"),
        (table(row()).set_column(0, "item_id", pa.array([None], pa.string())), "catalogue_value"),
    ],
)
def test_what_is_no_catalogue_is_refused(wrong: pa.Table, code: str):
    with pytest.raises(CatalogueError) as caught:
        Catalogue("wrong", "memory", wrong)
    assert caught.value.code == code
    assert "'wrong'" in str(caught.value)


def test_a_refusal_says_where():
    with pytest.raises(CatalogueError, match=r"^Row 2 of .* neither a title nor a picture"):
        validate(table(row(), row(item_id="b", title="", image=None)), "x")
    with pytest.raises(CatalogueError, match="lacks the columns image, price"):
        validate(table(row()).drop_columns(["price", "image"]), "x")


@pytest.mark.parametrize("kind", [pa.large_binary(), pa.binary_view()])
def test_pictures_may_be_any_arrow_bytes(kind: pa.DataType):
    other = table(row()).set_column(3, pa.field("image", kind), pa.array([picture()], kind))
    assert Catalogue("other", "memory", other).product(0).image == picture()


def test_the_format_has_the_columns_of_the_design():
    assert SCHEMA.names == ["item_id", "title", "description", "image", "category", "price", "attributes"]
