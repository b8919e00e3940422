"""Ids and pictures that go by a rule rather than by a list of names."""

import pytest

from sslrec.data.catalogue import Columns, guess_columns
from sslrec.data.catalogue.sheets import open_sheet


@pytest.mark.parametrize(
    "name",
    [
        *("Art.-Nr.", "ArtNr", "Art. Nr.", "Produktnummer", "Product Code", "product_no", "Product #", "Item No."),
        *("EAN", "Ref.", "Réf", "Référence", "ID produit", "Product № (SKU)", "Código de producto", "Codice articolo"),
        *("编码", "货品编码", "商品SKU", "商品ＳＫＵ", "款号", "品番", "型番"),
    ],
)
def test_a_products_number_is_its_id(name: str):
    assert guess_columns(["colour", name, "title"]) == Columns(name, "title")


@pytest.mark.parametrize(
    "names",
    [
        *("SKU,Product Code,EAN", "article_id,product_code", "variant_id,Product Code", "货号,款号", "商品SKU,款号"),
        *("Product Code,Ref", "EAN,Ref.", "Item No.,品番"),
    ],
)
def test_a_better_id_wins_over_a_number_that_variants_may_share(names: str):
    best, *others = names.split(",")
    assert guess_columns([best, *others, "title"]).item_id == best


@pytest.mark.parametrize(
    "name",
    [
        *("product_type_no", "department_no", "House number", "Number", "No", "#", "Artist", "Casino", "Prefer"),
        *("Product count", "product_num", "Price code", "Zip Code", "Colour code", "Reference product", "编码方式"),
    ],
)
def test_what_only_looks_like_a_number_is_no_id(name: str):
    assert guess_columns(["colour", name, "title"]).item_id is None


@pytest.mark.parametrize(
    "name",
    [
        *("image_base64", "picture_file_name", "Image Filename", "Photo filename", "image1_url", "main_photo"),
        *("Pic Name", "Image 1 URL", "Photo link (large)", "图片文件名", "商品图片文件名", "画像ファイル名", "主图1"),
    ],
)
def test_a_pictures_file_address_or_code_is_the_picture(name: str):
    assert guess_columns(["colour", name, "title"]) == Columns(title="title", image=name)


@pytest.mark.parametrize(
    "name",
    [
        *("Image position", "Image alt text", "image_id", "Image 2 URL", "image_count", "Photographer"),
        *("Picture credit", "image_width", "图片状态", "画像サイズ", "Variant image URL"),
    ],
)
def test_what_is_said_about_a_picture_is_none(name: str):
    assert guess_columns(["colour", name, "title"]).image is None


def test_a_pictures_own_bytes_and_its_file_win_over_an_address():
    assert guess_columns(["title", "image_url", "filename", "image_base64"]).image == "image_base64"
    assert guess_columns(["title", "image_url", "Image Filename"]).image == "Image Filename"


def test_a_number_that_products_share_is_not_their_id():
    styles = "款号,title\nK1,红鞋\n{},蓝鞋\n"
    assert open_sheet(styles.format("K2").encode()).guess.item_id == "款号"
    assert open_sheet(styles.format("K1").encode()).guess.item_id is None
    # What is called an id is one: there, the second row is a mistake that is told.
    assert open_sheet(b"sku,title\nK1,Red shoe\nK1,Blue shoe\n").guess.item_id == "sku"
